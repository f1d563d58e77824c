using System.Text.Encodings.Web;
using System.Text.Json;
using KisFeed.Soak.Gateways.Measures;

namespace KisFeed.Soak.Gateways;

/// <summary>The figures of a soak of the gateway as JSON.</summary>
internal static class GatewayResultJson
{
    private static readonly JsonWriterOptions s_options = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Write(Stream output, GatewaySoakResult result)
    {
        using var json = new Utf8JsonWriter(output, s_options);
        json.WriteStartObject();
        json.WriteBoolean("passed", result.HasPassed);
        json.WriteBoolean("interrupted", result.IsInterrupted);
        json.WriteNumber("seconds", Math.Round(result.Elapsed.TotalSeconds, 1));
        json.WriteNumber("rate", result.Options.Rate);
        json.WriteNumber("consumers", result.Options.Consumers);
        json.WriteNumber("seed", result.Options.Seed);
        json.WriteNumber("settled_within_seconds", Math.Round(result.SettledWithin.TotalSeconds, 1));
        json.WriteStartObject("recorded");
        json.WriteBoolean("sound", result.Capture.IsSound);
        json.WriteNumber("frames", result.Capture.Frames);
        json.WriteNumber("gaps", result.Capture.Gaps);
        json.WriteNumber("files", result.Capture.Files);
        json.WriteNumber("bytes", result.Capture.Bytes);
        json.WriteEndObject();
        json.WriteStartArray("samples");
        foreach (var sample in result.Samples)
            Write(json, sample);
        json.WriteEndArray();
        json.WritePropertyName("everybody_gone");
        Write(json, result.Empty);
        json.WritePropertyName("collected");
        Write(json, result.Collected);
        json.WriteStartObject("faults");
        foreach (var (name, count) in result.Faults.OrderBy(f => f.Key, StringComparer.Ordinal))
            json.WriteNumber(name, count);
        json.WriteEndObject();
        json.WriteStartObject("visits");
        foreach (var (what, count) in result.Visits.OrderBy(v => v.Key, StringComparer.Ordinal))
            json.WriteNumber(what, count);
        json.WriteEndObject();
        json.WriteNumber("findings", result.FindingCount);
        json.WriteStartArray("first_findings");
        foreach (var finding in result.Findings)
            json.WriteStringValue(finding);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, GatewaySample sample)
    {
        json.WriteStartObject();
        json.WriteNumber("at", Math.Round(sample.At.TotalSeconds));
        json.WriteNumber("working_set", sample.System.WorkingSet);
        json.WriteNumber("anonymous", sample.System.Anonymous);
        json.WriteNumber("peak_working_set", sample.System.PeakWorkingSet);
        json.WriteNumber("native_used", sample.Runtime.Native.Used);
        json.WriteNumber("native_free", sample.Runtime.Native.Free);
        json.WriteNumber("committed", sample.Runtime.Committed);
        json.WriteNumber("heap", sample.Runtime.Heap);
        json.WriteNumber("heap_after_collection", sample.Runtime.HeapAfterCollection);
        json.WriteNumber("fragmented", sample.Runtime.Fragmented);
        json.WriteNumber("oldest_generation", sample.Runtime.Oldest);
        json.WriteNumber("large_objects", sample.Runtime.Large);
        json.WriteNumber("pinned_objects", sample.Runtime.Pinned);
        json.WriteNumber("allocated", sample.Runtime.Allocated);
        json.WriteNumber("collections", sample.Runtime.Collections);
        json.WriteNumber("full_collections", sample.Runtime.FullCollections);
        json.WriteNumber("pause_seconds", Math.Round(sample.Runtime.PauseSeconds, 3));
        json.WriteNumber("handles", sample.System.Handles);
        json.WriteNumber("threads", sample.System.Threads);
        json.WriteNumber("timers", sample.Runtime.Timers);
        json.WriteNumber("cpu_seconds", Math.Round(sample.System.Cpu.TotalSeconds, 2));
        json.WriteNumber("keys", sample.Keys);
        json.WriteNumber("reconnects", sample.Reconnects);
        json.WriteNumber("waiting_bytes", sample.Waiting);
        json.WriteNumber("recorded_gaps", sample.Recording("gaps"));
        foreach (var total in sample.Totals)
            json.WriteNumber(total.Name, total.Value.GetInt64());
        json.WriteEndObject();
    }
}
