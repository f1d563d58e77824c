using System.Collections.Concurrent;
using System.Net;
using KisFeed.Server.Protocol;
using KisFeed.Wire;
using Microsoft.Extensions.Logging;

namespace KisFeed.Gateway.Consumers;

/// <summary>
/// Logs one line for each login, subscription, grant of order notices, limit that was reached, change of the token file, and action of the
/// operator, under the category <see cref="Category"/>. Refused logins and reached limits could repeat without end, so they are sampled and
/// skipped lines are counted. No line contains a credential, an approval key or an HTS ID. Thread-safe.
/// </summary>
internal sealed partial class AuditTrail(ILoggerFactory loggers, TimeProvider time)
{
    public const string Category = "KisFeed.Gateway.Audit";

    private const int MaxEntries = 10_000;

    // A dashboard sends several requests a minute with the same credentials.
    private static readonly TimeSpan s_loginPeriod = TimeSpan.FromMinutes(10);

    private readonly ILogger _logger = loggers.CreateLogger(Category);
    private readonly ConcurrentDictionary<(string Consumer, IPAddress Address, string With), long> _logins = new();
    private readonly ConcurrentDictionary<(string Consumer, ConsumerLimit Limit), LogSampler> _limits = new();
    private readonly LogSampler _refused = new(time);

    /// <summary>Logs accepted credentials, at most once in ten minutes for each consumer, address and kind of credentials.</summary>
    public void LoginAccepted(string consumer, IPAddress? address, string with)
    {
        var now = time.GetTimestamp();
        var login = (consumer, address ?? IPAddress.None, with);
        if (_logins.TryGetValue(login, out var at) && time.GetElapsedTime(at, now) < s_loginPeriod)
            return;
        if (_logins.Count >= MaxEntries)
            _logins.Clear();
        _logins[login] = now;
        Accepted(_logger, consumer, TextOf(address), with);
    }

    public void LoginRefused(IPAddress? address, string with)
    {
        if (_refused.TrySample(out var skipped))
            Refused(_logger, TextOf(address), with, skipped);
    }

    /// <summary>Logs the start of a connection: a session in the broker's protocol or a stream.</summary>
    public void ConnectionBegan(string consumer, IPAddress? address, string protocol) =>
        Began(_logger, consumer, TextOf(address), protocol);

    public void Subscribed(string consumer, IPAddress? address, FeedSchema feed, string key)
    {
        if (feed.IsNotice)
            NoticesGranted(_logger, consumer, TextOf(address), feed.TrId);
        else
            Subscribed(_logger, consumer, TextOf(address), feed.TrId, key);
    }

    public void RightRefused(string consumer, IPAddress? address, FeedSchema feed) =>
        NoRight(_logger, consumer, TextOf(address), feed.TrId);

    public void LimitHit(string consumer, ConsumerLimit limit)
    {
        if (_limits.Count >= MaxEntries)
            _limits.Clear();
        if (_limits.GetOrAdd((consumer, limit), static (_, clock) => new LogSampler(clock), time).TrySample(out var skipped))
            Limited(_logger, consumer, limit, skipped);
    }

    public void TokenFileRead(string path, int consumers) => FileRead(_logger, path, consumers);

    public void ConsumerChanged(string consumer, string change) => Changed(_logger, consumer, change);

    public void OperatorAction(string action) => Acted(_logger, action);

    private static string TextOf(IPAddress? address) =>
        address is null ? "unknown" : (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString();

    [LoggerMessage(
        401, LogLevel.Information, "Login accepted: consumer {Consumer} from {Address} with {Credentials}", EventName = "LoginAccepted")]
    private static partial void Accepted(ILogger logger, string consumer, string address, string credentials);

    [LoggerMessage(
        402,
        LogLevel.Warning,
        "Login refused: from {Address} with {Credentials}. {Skipped} similar messages were skipped",
        EventName = "LoginRefused")]
    private static partial void Refused(ILogger logger, string address, string credentials, long skipped);

    [LoggerMessage(403, LogLevel.Information, "Session began: consumer {Consumer} from {Address}, {Protocol}", EventName = "SessionBegan")]
    private static partial void Began(ILogger logger, string consumer, string address, string protocol);

    [LoggerMessage(404, LogLevel.Information, "Subscribed: consumer {Consumer} from {Address} to {TrId} {TrKey}", EventName = "Subscribed")]
    private static partial void Subscribed(ILogger logger, string consumer, string address, string trId, string trKey);

    [LoggerMessage(
        405, LogLevel.Information, "Order notices granted: consumer {Consumer} from {Address}, {TrId}", EventName = "NoticesGranted")]
    private static partial void NoticesGranted(ILogger logger, string consumer, string address, string trId);

    [LoggerMessage(406, LogLevel.Warning, "Right refused: consumer {Consumer} from {Address} to {TrId}", EventName = "RightRefused")]
    private static partial void NoRight(ILogger logger, string consumer, string address, string trId);

    [LoggerMessage(
        407, LogLevel.Warning, "Limit hit: consumer {Consumer}, {Limit}. {Skipped} similar messages were skipped", EventName = "LimitHit")]
    private static partial void Limited(ILogger logger, string consumer, ConsumerLimit limit, long skipped);

    [LoggerMessage(408, LogLevel.Information, "Token file read: {Path}, {Count} consumers", EventName = "TokenFileRead")]
    private static partial void FileRead(ILogger logger, string path, int count);

    [LoggerMessage(409, LogLevel.Information, "Consumer {Consumer} {Change}", EventName = "ConsumerChanged")]
    private static partial void Changed(ILogger logger, string consumer, string change);

    [LoggerMessage(410, LogLevel.Information, "Operator action: {Action}", EventName = "OperatorAction")]
    private static partial void Acted(ILogger logger, string action);
}
