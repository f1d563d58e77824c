using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace KisFeed.Soak.Gateways.Measures;

/// <summary>Reads the gateway's status as an operator.</summary>
internal sealed class GatewayMeter : IDisposable
{
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(30) };
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly GatewayProcess _gateway;

    public GatewayMeter(GatewayProcess gateway, Token operatorToken)
    {
        _gateway = gateway;
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", operatorToken.Basic);
    }

    public TimeSpan Elapsed => _clock.Elapsed;

    public async Task<GatewaySample> MeasureAsync(bool collect = false)
    {
        var status = await StatusAsync();
        var runtime = await _gateway.RuntimeAsync(collect);
        return new GatewaySample(_clock.Elapsed, _gateway.System(), runtime, status);
    }

    public Task<JsonElement> StatusAsync() => _http.GetFromJsonAsync<JsonElement>(new Uri($"http://127.0.0.1:{_gateway.Port}/v1/status"));

    public void Dispose() => _http.Dispose();
}

/// <summary>A sample of the gateway: its resource use and its status.</summary>
internal sealed record GatewaySample(TimeSpan At, SystemState System, RuntimeState Runtime, JsonElement Status)
{
    /// <summary>All totals of the status.</summary>
    public JsonElement.ObjectEnumerator Totals => Status.GetProperty("totals").EnumerateObject();

    public long Connections => Total("connections");

    public long Streams => Total("streams");

    public long Registrations => Total("consumerRegistrations");

    public long Keys => Status.GetProperty("registrations").GetArrayLength();

    public long Reconnects => Status.GetProperty("upstream").EnumerateArray().Sum(session => session.GetProperty("reconnects").GetInt64());

    public long Waiting =>
        Status.GetProperty("consumers").EnumerateArray().Sum(consumer => consumer.GetProperty("waiting").GetProperty("bytes").GetInt64());

    /// <summary>A total of the status.</summary>
    public long Total(string name) => Status.GetProperty("totals").GetProperty(name).GetInt64();

    /// <summary>A count of the recorder.</summary>
    public long Recording(string name) => Status.GetProperty("recording").GetProperty(name).GetInt64();
}
