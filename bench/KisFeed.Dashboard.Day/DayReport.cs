using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace KisFeed.Dashboard.Day;

/// <summary>What was measured.</summary>
internal sealed record DayReport
{
    private const double Mega = 1024 * 1024;

    private static readonly JsonSerializerOptions s_json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.Never };

    public required double MarketHours { get; init; }

    public required double Speed { get; init; }

    public required double Rate { get; init; }

    /// <summary>Frames that upstream brought; many have several records.</summary>
    public required long FramesReceived { get; init; }

    /// <summary>The machine's load over the last minute, in processors that are wanted.</summary>
    public required double? Load { get; init; }

    public required int Processors { get; init; }

    /// <summary>What the page took over time; the first is that once it had settled.</summary>
    public required IReadOnlyList<PageSize> Sizes { get; init; }

    public required FrameTimes Frames { get; init; }

    /// <summary>What the page complained of.</summary>
    public required IReadOnlyList<string> Complaints { get; init; }

    /// <summary>How many times as much as at first the page's objects took at the end.</summary>
    public double HeapRatio => (double)Sizes[^1].Heap / Sizes[0].Heap;

    /// <summary>The most that they took at any measurement.</summary>
    public long HeapPeak => Sizes.Max(size => size.Heap);

    /// <summary>The same of its process.</summary>
    public double? ProcessRatio => (double?)Sizes[^1].Process / Sizes[0].Process;

    /// <summary>As JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, s_json);

    /// <summary>For people.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        {MarketHours:0.##} hours of market at {Speed:0.##} times the speed, {FramesReceived:N0} frames of data; load {Load:0.0} on {Processors} processors

                        at {Sizes[0].At:HH:mm}    at {Sizes[^1].At:HH:mm}    ratio
          heap       {Sizes[0].Heap / Mega,8:N1} MB {Sizes[^1].Heap / Mega,8:N1} MB {HeapRatio,8:N2}   (most in between {HeapPeak / Mega:N1} MB)
          process    {Sizes[0].Process / Mega,8:N1} MB {Sizes[^1].Process / Mega,8:N1} MB {ProcessRatio,8:N2}
          nodes      {Sizes[0].Nodes,8:N0}    {Sizes[^1].Nodes,8:N0}
          listeners  {Sizes[0].Listeners,8:N0}    {Sizes[^1].Listeners,8:N0}

          frames     {Frames.Frames:N0}, {Frames.Over50:N0} of them over 50 ms; p50 {Frames.Median:N1} ms, p99 {Frames.P99:N1} ms, longest {Frames.Longest:N1} ms
          page's own work over 50 ms: {Frames.LongTasks:N0} times, longest {Frames.LongestTask:N0} ms
        {string.Concat(Complaints.Select(complaint => $"\n  complaint: {complaint}"))}
        """);
}
