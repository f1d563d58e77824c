using System.Globalization;

namespace KisFeed.Soak.Measures;

/// <summary>The figures as text.</summary>
internal static class SoakResultText
{
    private const double Mebi = 1 << 20;

    /// <summary>A progress line.</summary>
    public static string Line(Sample sample) => string.Create(
        CultureInfo.InvariantCulture,
        $@"{sample.At:hh\:mm\:ss}  frames {sample.Flow.FramesSent,11:#,0}  "
            + $"records {sample.Flow.DeliveryStats.Records,12:#,0}  gaps {sample.Flow.DeliveryStats.Gaps,7:#,0}  "
            + $"reconnects {sample.Flow.Connections,5:#,0}  malformed {sample.Flow.DeliveryStats.Malformed,7:#,0}  "
            + $"dropped {sample.Flow.FramesDropped,9:#,0}  {State(sample.State)}");

    public static void Write(TextWriter output, SoakResult result)
    {
        var flow = result.Flow;
        Row(output, "measured", $@"{result.Elapsed:hh\:mm\:ss}{(result.IsInterrupted ? ", interrupted" : "")}");
        Row(output, "sessions, subscriptions", $"{result.Options.Sessions}, {result.Subscriptions}");
        Row(output, "data frames sent to the client", $"{flow.FramesSent:#,0}, {result.PerSecond(flow.FramesSent):#,0} a second");
        Row(output, "messages received", $"{flow.Messages:#,0}, {result.PerSecond(flow.Messages):#,0} a second");
        Row(output, "bytes received", $"{flow.Bytes:#,0}");
        Row(output, "frames to subscriptions",
            $"{flow.FramesQueued:#,0}, {flow.FramesDropped:#,0} dropped, {flow.SlowDropped:#,0} of them of the slow consumer");
        Row(output, "records delivered", $"{flow.DeliveryStats.Records:#,0}");
        Row(output, "reconnects", $"{flow.Connections:#,0}");
        Row(output, "interruptions, gaps", $"{flow.DeliveryStats.Interruptions:#,0}, {flow.DeliveryStats.Gaps:#,0} "
            + $"({flow.DeliveryStats.Overflows:#,0} of a full queue, {flow.DeliveryStats.UnmeasuredGaps:#,0} without a volume)");
        Row(output, "volume delivered + missed", $"{flow.DeliveryStats.DeliveredVolume:#,0} + {flow.DeliveryStats.MissedVolume:#,0} = "
            + $"{flow.DeliveryStats.DeliveredVolume + flow.DeliveryStats.MissedVolume:#,0}, grown by {flow.DeliveryStats.Growth:#,0}");
        Row(output, "malformed", $"{flow.DeliveryStats.Malformed:#,0}");
        Row(output, "exceptions of a handler", $"{flow.HandlerErrors:#,0}");
        Row(output, "churned",
            $"{result.Churned:#,0} subscriptions, {result.ChurnRefused:#,0} refused, {result.ChurnCancelled:#,0} cancelled");
        Row(output, "CPU", $"{result.PerSecond((result.End.Cpu - result.Start.Cpu).TotalSeconds):0.00} of a core");
        Row(output, "allocated", $"{result.PerSecond(result.End.Allocated - result.Start.Allocated) / Mebi:0.0} MiB a second");
        Row(output, "after the warm-up", $"{State(result.Start)}");
        foreach (var sample in result.Samples)
            Row(output, string.Create(CultureInfo.InvariantCulture, $@"  at {sample.At:hh\:mm\:ss}"), $"{State(sample.State)}");
        Row(output, "at the end", $"{State(result.End)}");
        Row(output, "recovered after the last fault", $"within {result.SettledWithin.TotalSeconds:0.0} s");
        Row(output, "injected faults",
            $"{string.Join(", ", result.Faults.OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => $"{f.Key} {f.Value}"))}");
        foreach (var finding in result.Findings)
            Row(output, "WRONG", $"{finding}");
        output.WriteLine(result.HasPassed ? "Passed." : $"Failed: {result.FindingCount} findings.");
    }

    private static string State(ProcessState state) => string.Create(
        CultureInfo.InvariantCulture,
        $"heap {state.Heap / Mebi,6:0.0} MiB  working set {state.WorkingSet / Mebi,6:0.0} MiB  handles {state.Handles,4}  threads "
            + $"{state.Threads,3}  timers {state.Timers,3}  cpu {state.Cpu.TotalSeconds,7:0.0} s");

    private static void Row(TextWriter output, string name, string value) =>
        output.WriteLine($"{name,-31}{value}");
}
