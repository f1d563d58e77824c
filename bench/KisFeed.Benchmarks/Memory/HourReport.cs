using System.Text.Json;

namespace KisFeed.Benchmarks.Memory;

/// <summary>Writes the minutes of a run as a table or as JSON lines, and at the end compares the first minutes with the last.</summary>
/// <param name="isJson">Whether to write JSON.</param>
internal sealed class HourReport(bool isJson)
{
    private const int MaxCompared = 10;

    private readonly List<HourMinute> _minutes = [];

    /// <summary>Whether nothing was lost in any minute.</summary>
    public bool IsWhole => _minutes.TrueForAll(static m => m.IsWhole);

    public void Begin(double rate)
    {
        if (isJson)
            return;
        Print($"A client with typed callbacks and a raw subscription, {rate:N0} frames per second. Heap: after a collection, MiB.");
        Print($"{"minute",7}{"frames/s",10}{"records/s",11}{"heap",9}{"B/frame",9}{"set MiB",9}{"gen0",6}{"gen1",6}{"gen2",6}{"cores",7}"
            + $"{"dropped",9}{"gaps",6}{"malformed",11}");
    }

    public void Add(HourMinute minute)
    {
        _minutes.Add(minute);
        if (isJson)
        {
            Console.WriteLine(JsonSerializer.Serialize(minute, JsonSerializerOptions.Web));
            return;
        }

        Print($"{minute.Minute,7}{minute.FramesASecond,10:N0}{minute.RecordsASecond,11:N0}{MiB(minute.Heap),9:0.000}"
            + $"{minute.AllocatedAFrame,9:0.00}{MiB(minute.WorkingSet),9:0.0}{minute.Collections[0],6}{minute.Collections[1],6}"
            + $"{minute.Collections[2],6}{minute.Processor,7:0.00}{minute.Dropped,9}{minute.Gaps,6}{minute.Malformed,11}");
    }

    /// <summary>Compares the first minutes, except the very first in which code is compiled, with as many at the end.</summary>
    public void End()
    {
        var count = Math.Min(MaxCompared, (_minutes.Count - 1) / 2);
        if (count == 0)
            return;
        var (first, last) = (MeanOf(_minutes.Skip(1).Take(count)), MeanOf(_minutes.TakeLast(count)));
        if (isJson)
        {
            Console.WriteLine(JsonSerializer.Serialize(
                new { minutes = _minutes.Count, compared = count, first, last, isWhole = IsWhole }, JsonSerializerOptions.Web));
            return;
        }

        Print($"\nMeans of minutes 2 to {count + 1}, and of the last {count}:");
        Print($"  heap            {MiB(first.Heap),10:0.000} {MiB(last.Heap),10:0.000} MiB");
        Print($"  working set     {MiB(first.WorkingSet),10:0.0} {MiB(last.WorkingSet),10:0.0} MiB");
        Print($"  allocated       {first.AllocatedAFrame,10:0.00} {last.AllocatedAFrame,10:0.00} bytes a frame");
        Print($"  frames          {first.FramesASecond,10:N0} {last.FramesASecond,10:N0} a second");
        Print($"{(IsWhole ? "No data were dropped, missed or unreadable." : "Data were lost: see above.")}");
    }

    private static HourMean MeanOf(IEnumerable<HourMinute> minutes)
    {
        HourMinute[] all = [.. minutes];
        return new HourMean(
            all.Average(static m => m.Heap),
            all.Average(static m => m.WorkingSet),
            all.Average(static m => m.AllocatedAFrame),
            all.Average(static m => m.FramesASecond));
    }

    private static double MiB(double bytes) => bytes / (1 << 20);

    private static void Print(string line) => Console.WriteLine(line);

    /// <summary>The means of several minutes.</summary>
    private sealed record HourMean(double Heap, double WorkingSet, double AllocatedAFrame, double FramesASecond);
}
