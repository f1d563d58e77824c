using System.Text.Json;

namespace KisFeed.Soak.Gateways.Measures;

/// <summary>The gateway at a moment: what its process takes, and what it says of itself.</summary>
internal sealed record GatewaySample(TimeSpan At, SystemState System, RuntimeState Runtime, JsonElement Status)
{
    /// <summary>All totals of the status, by their names there.</summary>
    public JsonElement.ObjectEnumerator Totals => Status.GetProperty("totals").EnumerateObject();

    public long Connections => Total("connections");

    public long Streams => Total("streams");

    public long Registrations => Total("consumerRegistrations");

    public long Keys => Status.GetProperty("registrations").GetArrayLength();

    public long Reconnects => Status.GetProperty("upstream").EnumerateArray().Sum(session => session.GetProperty("reconnects").GetInt64());

    public long Waiting => Status.GetProperty("consumers").EnumerateArray().Sum(consumer => consumer.GetProperty("waiting").GetProperty("bytes").GetInt64());

    /// <summary>One of the totals of the status.</summary>
    public long Total(string name) => Status.GetProperty("totals").GetProperty(name).GetInt64();

    /// <summary>One of the counts of the recorder.</summary>
    public long Recording(string name) => Status.GetProperty("recording").GetProperty(name).GetInt64();
}
