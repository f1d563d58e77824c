using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using KisFeed.Capture;
using KisFeed.Server.Protocol;

namespace KisFeed.Cli.Captures;

/// <summary>
/// The part of a gateway's recording that an export needs, as a capture in a temporary folder. Disposing it deletes the folder.
/// </summary>
internal sealed class GatewayCapture : IDisposable
{
    private const int BufferBytes = 64 * 1024;
    private const int MaxProblemBytes = 64 * 1024;

    // Exchange times may differ from those of receipt by half a day, and a gap around the range ends with the next record: after a weekend.
    private static readonly TimeSpan s_margin = TimeSpan.FromDays(4);

    private static readonly DateTimeOffset s_earliest = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kisfeed-export-"); // Readable by its owner only.
    private long _bytes;

    private GatewayCapture()
    {
    }

    public string Folder => _folder.FullName;

    /// <summary>Downloads what an export of some keys and times may need.</summary>
    public static async Task<GatewayCapture> DownloadAsync(
        CommandHost host, string url, IReadOnlyList<string> trIds, IReadOnlyList<string> keys, RecordSpan span,
        CancellationToken cancellationToken)
    {
        var address = AddressOf(url);
        var settings = ServiceSettings.Read(
            host, new UriBuilder(address) { Scheme = address.Scheme == "https" ? "wss" : "ws" }.Uri.AbsoluteUri, null, null,
            options => options).Options;
        using var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false };
        using var http = new HttpClient(handler) { BaseAddress = address, Timeout = Timeout.InfiniteTimeSpan };
        if (settings.AppKey.Length > 0)
        {
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
                "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{settings.AppKey}:{settings.AppSecret}")));
        }
        var capture = new GatewayCapture();
        try
        {
            using var progress = new Progress(
                host with { OutputIsTerminal = false },
                () => UiText.Of(
                    $"downloading from {address.Authority}: {ByteSize.Text(Volatile.Read(ref capture._bytes))}",
                    $"{address.Authority}에서 받는 중: {ByteSize.Text(Volatile.Read(ref capture._bytes))}"));
            foreach (var trId in trIds)
            {
                // A key of another feed has no records of this one.
                string[] known = [.. keys.Where(key => KeyFormat.Fits(trId, key))];
                if (known.Length > 0)
                    await capture.DownloadAsync(http, trId, known, span, cancellationToken);
            }

            return capture._folder.EnumerateFiles().Any()
                ? capture
                : throw new CommandException(
                    UiText.Of(
                        "none of the keys of --key is a valid key of a feed of --feed: 'kisfeed feeds' shows an example of each",
                        "--key의 키 가운데 --feed의 피드에 맞는 것이 없습니다. 키의 예는 'kisfeed feeds'에 있습니다"));
        }
        catch (Exception e)
        {
            capture.Dispose();
            if (e is HttpRequestException or IOException)
            {
                throw new CommandException(
                    UiText.Of(
                        $"{address} cannot be read from: {PrintableText.Clean((e.InnerException ?? e).Message)}",
                        $"{address}에서 읽을 수 없습니다: {PrintableText.Clean((e.InnerException ?? e).Message)}"), ExitCode.ConnectionLost);
            }
            throw;
        }
    }

    public void Dispose()
    {
        if (Directory.Exists(_folder.FullName))
            _folder.Delete(recursive: true);
    }

    private static Uri AddressOf(string url)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address)
            || address.Host.Length == 0
            || address.Scheme is not ("http" or "https" or "ws" or "wss"))
        {
            throw new CommandException(UiText.Of(
                $"--url: '{url}' is not an address that begins with http:// or https://",
                $"--url: '{url}': http://나 https://로 시작하는 주소가 아닙니다"));
        }
        return new UriBuilder(address.Scheme is "https" or "wss" ? "https" : "http", address.Host, address.Port).Uri;
    }

    private async Task DownloadAsync(
        HttpClient http, string trId, IReadOnlyList<string> keys, RecordSpan span, CancellationToken cancellationToken)
    {
        var from = span.From?.Instant - s_margin ?? s_earliest;
        var subscribe = Uri.EscapeDataString(string.Join(',', keys.Select(key => $"{trId}:{key}")));
        var until = span.To?.Instant is { } to ? $"&to={Uri.EscapeDataString(KoreaTimeText.Format(to + s_margin))}" : "";
        var path = $"/v1/records?subscribe={subscribe}&format=capture&from={Uri.EscapeDataString(KoreaTimeText.Format(from))}{until}";
        using var response = await http.GetAsync(
            new Uri(path, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (response.StatusCode != HttpStatusCode.OK || response.Content.Headers.ContentType?.MediaType != "text/plain")
            throw await ProblemOfAsync(response, cancellationToken);
        var file = new FileStream(
            Path.Combine(Folder, $"{trId}.log.gz"), FileMode.CreateNew, FileAccess.Write, FileShare.None, BufferBytes, useAsync: true);
        await using var disposal = file;
        await using var zip = new GZipStream(file, CompressionLevel.Fastest);

        // The feed of the file, as in the head of any.
        await zip.WriteAsync(
            Encoding.UTF8.GetBytes(
                $"# {{\"at\":\"{KoreaTimeText.Format(from)}\",\"event\":\"capture\",\"version\":1,\"feed\":\"{trId}\",\"keys\":[]}}\n"),
            cancellationToken);
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[BufferBytes];
        for (var count = await body.ReadAsync(buffer, cancellationToken);
            count > 0;
            count = await body.ReadAsync(buffer, cancellationToken))
        {
            await zip.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
            Interlocked.Add(ref _bytes, count);
        }
    }

    private static async Task<CommandException> ProblemOfAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var code = response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden ? ExitCode.Refused
            : response.StatusCode >= HttpStatusCode.InternalServerError ? ExitCode.ConnectionLost
            : ExitCode.Usage;
        return new CommandException(await DetailOfAsync(response, cancellationToken) ?? UiText.Of(
            $"{response.RequestMessage?.RequestUri?.Authority} is not a gateway with a recording: it answered with HTTP "
                + $"{(int)response.StatusCode}. Start 'kisfeed gateway --record DIR', or export its folder",
            $"{response.RequestMessage?.RequestUri?.Authority}: 기록이 있는 게이트웨이가 아닙니다(HTTP {(int)response.StatusCode}). 'kisfeed gateway "
                + "--record DIR'로 시작하거나 기록 폴더에서 내보내세요"), code);
    }

    private static async Task<string?> DetailOfAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.Content.Headers.ContentType?.MediaType != "application/problem+json"
            || response.Content.Headers.ContentLength > MaxProblemBytes)
        {
            return null;
        }
        try
        {
            using var problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync(cancellationToken));
            return problem.RootElement.GetProperty("detail").GetString() is { } detail ? PrintableText.Clean(detail).TrimEnd('.') : null;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return null;
        }
    }
}
