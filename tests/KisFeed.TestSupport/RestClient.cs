using System.Text;
using System.Text.Json;

namespace KisFeed.TestSupport;

/// <summary>Requests keys from the REST service like a client in any language.</summary>
internal sealed class RestClient(Uri restUrl) : IDisposable
{
    private readonly HttpClient _http = new() { BaseAddress = restUrl, Timeout = Patience.Limit };

    public async Task<(int Status, JsonElement Body)> PostAsync(string path, string body, string contentType = "application/json")
    {
        using var content = new StringContent(body, Encoding.UTF8, contentType);
        using var response = await _http.PostAsync(new Uri(path, UriKind.Relative), content);
        using var document = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync());
        return ((int)response.StatusCode, document.RootElement.Clone());
    }

    public Task<(int Status, JsonElement Body)> ApproveAsync(string appKey, string? secret = null) =>
        PostAsync("/oauth2/Approval", Approval(appKey, secret ?? TestCredentials.AppSecret));

    /// <summary>Requests an approval key, by default for a new app key.</summary>
    public static async Task<string> ApprovalKeyAsync(Uri restUrl, string? appKey = null, string? secret = null)
    {
        using var rest = new RestClient(restUrl);
        var (status, body) = await rest.ApproveAsync(appKey ?? TestCredentials.NewAppKey(), secret);
        status.ShouldBe(200, body.ToString());
        return body.GetProperty("approval_key").GetString()!;
    }

    public static string Approval(string appKey, string secret) =>
        $$"""{"grant_type":"client_credentials","appkey":"{{appKey}}","secretkey":"{{secret}}"}""";

    public void Dispose() => _http.Dispose();
}
