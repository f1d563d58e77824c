using System.Globalization;
using KisFeed.Soak.Gateways.Measures;

namespace KisFeed.Soak.Gateways;

/// <summary>The figures of a soak of the gateway as text.</summary>
internal static class GatewayResultText
{
    private const double Mebi = 1 << 20;

    /// <summary>A progress line.</summary>
    public static string Line(GatewaySample sample) => string.Create(
        CultureInfo.InvariantCulture,
        $@"{sample.At:hh\:mm\:ss}  {State(sample)}  frames {sample.Total("framesReceived"),9:#,0}  "
            + $"reconnects {sample.Reconnects,5:#,0}  gaps {sample.Recording("gaps"),6:#,0}  "
            + $"malformed {sample.Total("framesMalformed"),6:#,0}  "
            + $"accepted {sample.Total("connectionsAccepted") + sample.Total("streamsOpened"),6:#,0}  "
            + $"dropped {sample.Total("streamRecordsDropped"),7:#,0}  "
            + $"slow {sample.Total("slowConsumers") + sample.Total("slowStreams"),4:#,0}");

    public static void Write(TextWriter output, GatewaySoakResult result)
    {
        var last = result.Collected;
        var seconds = result.Elapsed.TotalSeconds;
        Row(output, "measured",
            $@"{result.Elapsed:hh\:mm\:ss}{(result.IsInterrupted ? ", interrupted" : "")}, {result.Options.Consumers} visitors");
        Row(output, "frames from upstream", $"{last.Total("framesReceived"):#,0}, {last.Total("framesReceived") / seconds:#,0} a second; "
            + $"{last.Total("framesMalformed"):#,0} malformed, {last.Total("framesDropped"):#,0} dropped");
        Row(output, "reconnects upstream", $"{last.Reconnects:#,0}");
        Row(output, "connections, streams", $"{last.Total("connectionsAccepted"):#,0}, {last.Total("streamsOpened"):#,0} opened; "
            + $"{last.Total("slowConsumers"):#,0}, {last.Total("slowStreams"):#,0} ended as too slow");
        Row(output, "sent", $"{last.Total("framesSent"):#,0} frames, {last.Total("streamItemsSent"):#,0} items; "
            + $"{last.Total("streamRecordsDropped"):#,0} records dropped and reported");
        Row(output, "recorded", $"{result.Capture.Frames:#,0} frames, {result.Capture.Gaps:#,0} gaps, {result.Capture.Files:#,0} files, "
            + $"{result.Capture.Bytes / Mebi:0} MiB{(result.Capture.IsSound ? "" : ", NOT SOUND")}");
        Row(output, "CPU", $"{last.System.Cpu.TotalSeconds / seconds:0.00} of a core");
        Row(output, "allocated", $"{last.Runtime.Allocated / seconds / Mebi:0.0} MiB a second; {last.Runtime.Collections:#,0} collections, "
            + $"{last.Runtime.FullCollections:#,0} of them full, {last.Runtime.PauseSeconds:0.0} s of pauses");
        foreach (var sample in result.Samples)
            Row(output, string.Create(CultureInfo.InvariantCulture, $@"  at {sample.At:hh\:mm\:ss}"), $"{State(sample)}");
        Row(output, "without consumers", $"{State(result.Empty)}");
        Row(output, "after a collection", $"{State(last)}");
        Row(output, "recovered after the last fault", $"within {result.SettledWithin.TotalSeconds:0.0} s");
        Row(output, "injected faults",
            $"{string.Join(", ", result.Faults.OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => $"{f.Key} {f.Value}"))}");
        foreach (var (what, count) in result.Visits.OrderBy(v => v.Key, StringComparer.Ordinal))
            Row(output, "", $"{count,10:#,0} {what}");
        foreach (var finding in result.Findings)
            Row(output, "WRONG", $"{finding}");
        output.WriteLine(result.HasPassed ? "Passed." : $"Failed: {result.FindingCount} findings.");
    }

    private static string State(GatewaySample sample) => string.Create(
        CultureInfo.InvariantCulture,
        $"working set {sample.System.WorkingSet / Mebi,6:0.0} MiB (anonymous {sample.System.Anonymous / Mebi:0.0})  committed "
            + $"{sample.Runtime.Committed / Mebi,6:0.0}  heap {sample.Runtime.Heap / Mebi,6:0.0}  left "
            + $"{sample.Runtime.HeapAfterCollection / Mebi,5:0.0} (oldest {sample.Runtime.Oldest / Mebi:0.0}, "
            + $"large {sample.Runtime.Large / Mebi:0.0}, pinned {sample.Runtime.Pinned / Mebi:0.0})  native "
            + $"{sample.Runtime.Native.Used / Mebi:0.0}+{sample.Runtime.Native.Free / Mebi:0.0}  waiting {sample.Waiting / Mebi:0.0}  "
            + $"handles {sample.System.Handles,4}  threads {sample.System.Threads,3}  timers {sample.Runtime.Timers,4}  connections "
            + $"{sample.Connections,3}+{sample.Streams,3}  keys {sample.Keys,3}  cpu {sample.System.Cpu.TotalSeconds,7:0.0} s");

    private static void Row(TextWriter output, string name, string value) => output.WriteLine($"{name,-31}{value}");
}
