using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace KisFeed.Soak.Gateways.Measures;

/// <summary>Asks the gateway how it is, as its operator.</summary>
internal sealed class GatewayMeter : IDisposable
{
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(30) };
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly GatewayProcess _gateway;

    public GatewayMeter(GatewayProcess gateway, Token oper)
    {
        _gateway = gateway;
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", oper.Basic);
    }

    public TimeSpan Elapsed => _clock.Elapsed;

    public async Task<GatewaySample> TakeAsync(bool collect = false)
    {
        var status = await StatusAsync();
        var runtime = await _gateway.RuntimeAsync(collect);
        return new GatewaySample(_clock.Elapsed, _gateway.System(), runtime, status);
    }

    public Task<JsonElement> StatusAsync() => _http.GetFromJsonAsync<JsonElement>(new Uri($"http://127.0.0.1:{_gateway.Port}/v1/status"));

    public void Dispose() => _http.Dispose();
}
