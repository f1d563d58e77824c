using System.Net.Security;
using Microsoft.Extensions.Logging;

namespace KisFeed.Gateway;

/// <summary>
/// The certificate of a running gateway, read again when one of its files changes. While the files cannot be used, the certificate before stays in force, and the reason is logged once. For any thread.
/// </summary>
internal sealed class CertificateStore : IDisposable
{
    private readonly Lock _gate = new();
    private readonly CertificateFiles _files;
    private readonly TimeProvider _time;
    private readonly TimeSpan _interval;
    private readonly ILogger _logger;
    private readonly ITimer _timer;
    private volatile SslStreamCertificateContext _current;
    private (FileStamp?, FileStamp?) _stamp;
    private bool _isSettled;
    private string? _problem;
    private bool _isDisposed;

    /// <summary>Reads the files, and checks them for changes from then on.</summary>
    /// <param name="files">The files.</param>
    /// <param name="interval">How often to check.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where to log.</param>
    /// <exception cref="KisFeedConfigurationException">The files cannot be used.</exception>
    public CertificateStore(CertificateFiles files, TimeSpan interval, TimeProvider time, ILogger logger)
    {
        _files = files;
        _interval = interval;
        _time = time;
        _logger = logger;
        _current = Load();
        _timer = time.CreateTimer(static store => ((CertificateStore)store!).Check(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _timer.Change(interval, Timeout.InfiniteTimeSpan);
    }

    /// <summary>What a handshake that begins now uses.</summary>
    public SslStreamCertificateContext Current => _current;

    /// <summary>Reads the files now, whether they have changed or not.</summary>
    public void Reload()
    {
        lock (_gate)
        {
            if (!_isDisposed)
                TryLoad();
        }
    }

    /// <summary>Ends the checks. The certificate stays.</summary>
    public void Dispose()
    {
        lock (_gate)
            _isDisposed = true;
        _timer.Dispose();
    }

    private void Check()
    {
        lock (_gate)
        {
            if (_isDisposed)
                return;
            if (!_isSettled || _problem is not null || _files.Look() != _stamp)
                TryLoad();
            _timer.Change(_interval, Timeout.InfiniteTimeSpan);
        }
    }

    private void TryLoad()
    {
        try
        {
            _current = Load();
            _problem = null;
        }
        catch (KisFeedConfigurationException e)
        {
            if (!string.Equals(e.Message, _problem, StringComparison.Ordinal))
                CertificateLog.Unusable(_logger, e.Message);
            _problem = e.Message;
        }
    }

    // The stamp is taken before the files are read: a write in between shows at the next check. So does one within the resolution of the file's time, since a fresh file is read again.
    private SslStreamCertificateContext Load()
    {
        _stamp = _files.Look();
        var now = _time.GetUtcNow();
        _isSettled = _stamp is var (certificate, key) && certificate?.IsFresh(now) != true && key?.IsFresh(now) != true;
        var loaded = _files.Load();
        if (_current?.TargetCertificate.RawDataMemory.Span.SequenceEqual(loaded.Context.TargetCertificate.RawDataMemory.Span) != true)
            CertificateLog.Loaded(_logger, loaded.Subject, loaded.ExpiresAt.ToUniversalTime(), _files.ToString());
        return loaded.Context;
    }
}

/// <summary>What is logged of the certificate. Event ids are stable; no message holds a key or a password.</summary>
internal static partial class CertificateLog
{
    [LoggerMessage(301, LogLevel.Information, "The certificate of {Subject} is in use for new connections; it expires at {ExpiresAt:yyyy-MM-dd HH:mm} UTC ({Files})")]
    public static partial void Loaded(ILogger logger, string subject, DateTimeOffset expiresAt, string files);

    [LoggerMessage(302, LogLevel.Warning, "The certificate before stays in use, because its files cannot be used: {Problem}")]
    public static partial void Unusable(ILogger logger, string problem);
}
