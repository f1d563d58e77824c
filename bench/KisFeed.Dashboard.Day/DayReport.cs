using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace KisFeed.Dashboard.Day;

/// <summary>The figures of a run.</summary>
internal sealed record DayReport
{
    private const double Mega = 1024 * 1024;

    private static readonly JsonSerializerOptions s_json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.Never,
    };

    public required double MarketHours { get; init; }

    public required double Speed { get; init; }

    public required double Rate { get; init; }

    /// <summary>Frames from upstream; many have several records.</summary>
    public required long FramesReceived { get; init; }

    /// <summary>The load average of the last minute.</summary>
    public required double? Load { get; init; }

    public required int Processors { get; init; }

    /// <summary>The size of the page over time; the first after it had settled.</summary>
    public required IReadOnlyList<PageSize> Sizes { get; init; }

    public required FrameTimes Frames { get; init; }

    /// <summary>Errors and warnings of the page.</summary>
    public required IReadOnlyList<string> Complaints { get; init; }

    /// <summary>The heap at the end, relative to the first measurement.</summary>
    public double HeapRatio => (double)Sizes[^1].Heap / Sizes[0].Heap;

    /// <summary>The largest heap of all measurements.</summary>
    public long HeapPeak => Sizes.Max(size => size.Heap);

    /// <summary>The memory of the page's process at the end, relative to the first measurement.</summary>
    public double? ProcessRatio => (double?)Sizes[^1].Process / Sizes[0].Process;

    /// <summary>The report as JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, s_json);

    /// <summary>The report as text.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        {MarketHours:0.##} hours of market at {Speed:0.##} times the speed, {FramesReceived:N0} frames of data
        load {Load:0.0} on {Processors} processors

                        at {Sizes[0].At:HH:mm}    at {Sizes[^1].At:HH:mm}    ratio
          heap       {Sizes[0].Heap / Mega,8:N1} MB {Sizes[^1].Heap / Mega,8:N1} MB {HeapRatio,8:N2}
                     most in between {HeapPeak / Mega:N1} MB
          process    {Sizes[0].Process / Mega,8:N1} MB {Sizes[^1].Process / Mega,8:N1} MB {ProcessRatio,8:N2}
          nodes      {Sizes[0].Nodes,8:N0}    {Sizes[^1].Nodes,8:N0}
          listeners  {Sizes[0].Listeners,8:N0}    {Sizes[^1].Listeners,8:N0}

          frames     {Frames.Frames:N0}, {Frames.Over50:N0} of them over 50 ms
                     p50 {Frames.Median:N1} ms, p99 {Frames.P99:N1} ms, longest {Frames.Longest:N1} ms
          page's own work over 50 ms: {Frames.LongTasks:N0} times, longest {Frames.LongestTask:N0} ms
        {string.Concat(Complaints.Select(complaint => $"\n  complaint: {complaint}"))}
        """);
}
