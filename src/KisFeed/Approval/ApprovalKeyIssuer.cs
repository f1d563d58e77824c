using System.Buffers;
using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Text.Json;
using KisFeed.Diagnostics;
using KisFeed.Wire.Control;

namespace KisFeed.Approval;

/// <summary>Requests approval keys, which open sessions, from the broker.</summary>
internal sealed class ApprovalKeyIssuer : IDisposable
{
    private const int MaxAnswerBytes = 64 * 1024;
    private const string WrongAppKey = "EGW00103";
    private const string WrongAppSecret = "EGW00105";
    private const string TooManyCalls = "EGW00201";
    private const string TooManyKeys = "EGW00133";

    private readonly Uri _url;
    private readonly AppCredentials _credentials;
    private readonly HttpClient _http;
    private readonly string _place;
    private readonly KisEnvironment _environment;

    /// <summary>Creates an issuer.</summary>
    /// <param name="url">The address that issues approval keys.</param>
    /// <param name="environment">The service there.</param>
    /// <param name="credentials">The app key and app secret.</param>
    /// <param name="clientCertificate">The certificate to present; <see langword="null"/> for none.</param>
    public ApprovalKeyIssuer(
        Uri url, KisEnvironment environment, AppCredentials credentials, SslStreamCertificateContext? clientCertificate)
    {
        _url = url;
        _credentials = credentials;
        _place = credentials.Source ?? $"{nameof(KisFeedOptions)}.{nameof(KisFeedOptions.AppKey)} and {nameof(KisFeedOptions.AppSecret)}";
        _environment = environment;

        // A redirect would send the app secret to an address that the answer chooses.
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            ActivityHeadersPropagator = DistributedContextPropagator.CreateNoOutputPropagator(),
        };
        handler.SslOptions.RemoteCertificateValidationCallback = ConnectFailureText.CertificateCheckFor(_url.Host);
        handler.SslOptions.ClientCertificateContext = clientCertificate;
        _http = new HttpClient(handler) { MaxResponseContentBufferSize = MaxAnswerBytes, Timeout = Timeout.InfiniteTimeSpan };
    }

    public void Dispose() => _http.Dispose();

    /// <summary>Requests a new key.</summary>
    /// <exception cref="ApprovalKeyException">The service did not issue a key.</exception>
    public async Task<(string Key, bool HasServerEvents)> IssueAsync(CancellationToken cancellationToken)
    {
        using var content = new ReadOnlyMemoryContent(WriteRequest());

        // The media type that the broker's samples send, although it is not well-formed.
        content.Headers.TryAddWithoutValidation("content-type", "application/json; utf-8");
        try
        {
            using var response = await _http.PostAsync(_url, content, cancellationToken).ConfigureAwait(false);
            var answer = await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
            if (response.IsSuccessStatusCode && ReadMember(answer, "approval_key") is { Length: > 0 } key)
                return (key, OffersServerEvents(answer));
            var code = ReadMember(answer, "error_code");
            var failure = FailureOf(code, response.StatusCode);
            code = code is null ? null : CreateRedactor().Apply(code);
            throw new ApprovalKeyException($"{_url} issued no approval key (HTTP {(int)response.StatusCode}): "
                + $"{Describe(failure, code, ReadMember(answer, "error_description"))}")
            {
                Failure = failure,
                ErrorCode = code,
                Status = response.StatusCode,
            };
        }
        catch (HttpRequestException e)
        {
            // For a response that is not valid HTTP, .NET's message repeats parts of it.
            var redactor = CreateRedactor();
            throw new ApprovalKeyException(
                $"{_url} cannot be reached: {redactor.ApplyKnown(ConnectFailureText.Describe(_url, e))}", redactor.CauseOf(e)!)
            {
                Failure = ConnectFailure.Unreachable,
            };
        }
    }

    private SecretRedactor CreateRedactor() => new(_credentials.AppSecret, _credentials.AppKey, _credentials.HtsId);

    private ReadOnlyMemory<byte> WriteRequest()
    {
        var output = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(output);
        json.WriteStartObject();
        json.WriteString("grant_type"u8, "client_credentials"u8);
        json.WriteString("appkey"u8, _credentials.AppKey);

        // The broker's other requests call this member appsecret.
        json.WriteString("secretkey"u8, _credentials.AppSecret);
        json.WriteEndObject();
        json.Flush();
        return output.WrittenMemory;
    }

    // The code is checked first: the broker sends some codes with HTTP status 500.
    private static ConnectFailure FailureOf(string? code, HttpStatusCode status) => (code, (int)status) switch
    {
        (WrongAppKey or WrongAppSecret, _) => ConnectFailure.BadCredentials,
        (TooManyCalls or TooManyKeys, _) or (_, 429) => ConnectFailure.TooManyRequests,
        (_, 408 or >= 500) => ConnectFailure.Unreachable,
        _ => ConnectFailure.Rejected,
    };

    private string Describe(ConnectFailure failure, string? code, string? description)
    {
        var advice = (failure, code) switch
        {
            (_, WrongAppKey) => $"correct {_place}: the app key must be one of this service ({_environment})",
            (_, WrongAppSecret) => $"correct {_place}: the app secret must be the one that belongs to the app key",
            (ConnectFailure.TooManyRequests, _) => "too many requests: wait a minute and try again",
            (ConnectFailure.Unreachable, _) => "the service failed: try again later",
            (_, null) => "the answer is not in the documented format: check the address",
            _ => "the request was rejected: see the broker's code",
        };
        var text = CreateRedactor().Apply($"{code} {description}".Trim());
        return text.Length == 0 ? advice : $"{text.TrimEnd('.')}; {advice}";
    }

    // {"approval_key":"…","kisfeed":{"events":1}}: only KisFeed's own servers send this.
    private static bool OffersServerEvents(byte[] json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.TryGetProperty(ServerEvent.Offer, out var offer)
            && offer.ValueKind == JsonValueKind.Object
            && offer.TryGetProperty(ServerEvent.Parameter, out var version)
            && version.ValueKind == JsonValueKind.Number
            && version.TryGetInt32(out var number)
            && number >= ServerEvent.Version;
    }

    private static string? ReadMember(byte[] json, string name)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty(name, out var value)
                && value.ValueKind == JsonValueKind.String
                ? value.GetString()
                : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Not JSON, or text that is not valid UTF-8.
            return null;
        }
    }
}

/// <summary>An approval key.</summary>
/// <param name="Value">The key. Secret.</param>
/// <param name="IsFresh">Whether it was issued just now, rather than read from the cache.</param>
/// <param name="HasServerEvents">Whether the server offers its own events to clients that request them (<see cref="ServerEvent"/>).</param>
internal readonly record struct ApprovalKey(string Value, bool IsFresh, bool HasServerEvents)
{
    public override string ToString() => $"ApprovalKey {{ IsFresh = {IsFresh} }}";
}
