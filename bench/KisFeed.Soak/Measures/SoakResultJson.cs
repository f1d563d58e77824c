using System.Text.Encodings.Web;
using System.Text.Json;

namespace KisFeed.Soak.Measures;

/// <summary>The figures as JSON.</summary>
internal static class SoakResultJson
{
    private static readonly JsonWriterOptions s_options = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Write(Stream output, SoakResult result)
    {
        using var json = new Utf8JsonWriter(output, s_options);
        json.WriteStartObject();
        json.WriteBoolean("passed", result.HasPassed);
        json.WriteBoolean("interrupted", result.IsInterrupted);
        json.WriteNumber("seconds", Math.Round(result.Elapsed.TotalSeconds, 1));
        json.WriteNumber("rate", result.Options.Rate);
        json.WriteNumber("seed", result.Options.Seed);
        json.WriteNumber("sessions", result.Options.Sessions);
        json.WriteNumber("subscriptions", result.Subscriptions);
        json.WriteNumber("settled_within_seconds", Math.Round(result.SettledWithin.TotalSeconds, 1));
        WriteFlow(json, result.Flow);
        json.WriteNumber("frames_per_second", Math.Round(result.PerSecond(result.Flow.FramesSent)));
        json.WriteNumber("cpu_per_second", Math.Round(result.PerSecond((result.End.Cpu - result.Start.Cpu).TotalSeconds), 3));
        json.WriteNumber("allocated_per_second", Math.Round(result.PerSecond(result.End.Allocated - result.Start.Allocated)));
        json.WriteNumber("churned", result.Churned);
        json.WriteNumber("churn_refused", result.ChurnRefused);
        json.WriteNumber("churn_cancelled", result.ChurnCancelled);
        json.WriteNumber("warnings", result.Warnings);
        json.WriteStartObject("start");
        WriteState(json, result.Start);
        json.WriteEndObject();
        json.WriteStartObject("end");
        WriteState(json, result.End);
        json.WriteEndObject();
        json.WriteStartArray("samples");
        foreach (var sample in result.Samples)
        {
            json.WriteStartObject();
            json.WriteNumber("at", Math.Round(sample.At.TotalSeconds));
            json.WriteNumber("frames_sent", sample.Flow.FramesSent);
            WriteState(json, sample.State);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartObject("faults");
        foreach (var (name, count) in result.Faults.OrderBy(f => f.Key, StringComparer.Ordinal))
            json.WriteNumber(name, count);
        json.WriteEndObject();
        json.WriteNumber("findings", result.FindingCount);
        json.WriteStartArray("first_findings");
        foreach (var finding in result.Findings)
            json.WriteStringValue(finding);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteFlow(Utf8JsonWriter json, Flow flow)
    {
        json.WriteNumber("frames_sent", flow.FramesSent);
        json.WriteNumber("messages_received", flow.Messages);
        json.WriteNumber("bytes_received", flow.Bytes);
        json.WriteNumber("frames_queued", flow.FramesQueued);
        json.WriteNumber("frames_dropped", flow.FramesDropped);
        json.WriteNumber("slow_consumer_dropped", flow.SlowDropped);
        json.WriteNumber("records", flow.DeliveryStats.Records);
        json.WriteNumber("reconnects", flow.Connections);
        json.WriteNumber("interruptions", flow.DeliveryStats.Interruptions);
        json.WriteNumber("gaps", flow.DeliveryStats.Gaps);
        json.WriteNumber("gaps_overflow", flow.DeliveryStats.Overflows);
        json.WriteNumber("gaps_unmeasured", flow.DeliveryStats.UnmeasuredGaps);
        json.WriteNumber("malformed", flow.DeliveryStats.Malformed);
        json.WriteNumber("delivered_volume", flow.DeliveryStats.DeliveredVolume);
        json.WriteNumber("missed_volume", flow.DeliveryStats.MissedVolume);
        json.WriteNumber("volume_growth", flow.DeliveryStats.Growth);
        json.WriteNumber("handler_errors", flow.HandlerErrors);
    }

    private static void WriteState(Utf8JsonWriter json, ProcessState state)
    {
        json.WriteNumber("heap", state.Heap);
        json.WriteNumber("working_set", state.WorkingSet);
        json.WriteNumber("handles", state.Handles);
        json.WriteNumber("threads", state.Threads);
        json.WriteNumber("timers", state.Timers);
        json.WriteNumber("cpu_seconds", Math.Round(state.Cpu.TotalSeconds, 2));
    }
}
