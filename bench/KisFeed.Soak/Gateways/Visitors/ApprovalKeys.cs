using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text.Json;

namespace KisFeed.Soak.Gateways.Visitors;

/// <summary>Approval keys of the consumers. Sometimes requests a new one, like a program that starts.</summary>
internal sealed class ApprovalKeys(int port, HttpClient http)
{
    private const int RenewalInterval = 10;

    private readonly ConcurrentDictionary<Token, string> _known = new();

    public async Task<string> OfAsync(Token token, CancellationToken cancellation)
    {
        if (Random.Shared.Next(RenewalInterval) != 0 && _known.TryGetValue(token, out var known))
            return known;
        using var body = JsonContent.Create(new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["grant_type"] = "client_credentials",
            ["appkey"] = token.AppKey,
            ["secretkey"] = token.AppSecret,
        });
        using var answer = await http.PostAsync(new Uri($"http://127.0.0.1:{port}/oauth2/Approval"), body, cancellation);
        answer.EnsureSuccessStatusCode();
        var json = await answer.Content.ReadFromJsonAsync<JsonElement>(cancellation);
        return _known[token] = json.GetProperty("approval_key").GetString()!;
    }
}
