using System.Net.Security;
using KisFeed.Gateway.Files;
using Microsoft.Extensions.Logging;

namespace KisFeed.Gateway.Certificates;

/// <summary>
/// The certificate of a running gateway, and the client CA if client certificates are required. Both are read again when their files
/// change. While the files cannot be used, the previous ones stay in force, and the reason is logged once. Thread-safe.
/// </summary>
internal sealed class CertificateStore : IDisposable
{
    private readonly CertificateFiles _files;
    private readonly ILogger _logger;
    private readonly FileReloader<SslStreamCertificateContext> _certificate;
    private readonly ClientCertificates? _clients;

    public CertificateStore(
        CertificateFiles files, string? clientCa, TimeSpan interval, TimeProvider time, Action onClientRefused, ILogger logger)
    {
        _files = files;
        _logger = logger;
        _certificate = new FileReloader<SslStreamCertificateContext>(
            files.GetStamps, Load, problem => CertificateLog.Unusable(logger, problem), interval, time);
        try
        {
            _clients = clientCa is null ? null : new ClientCertificates(clientCa, interval, time, onClientRefused, logger);
        }
        catch
        {
            _certificate.Dispose();
            throw;
        }
    }

    public void SetUp(SslServerAuthenticationOptions handshake)
    {
        handshake.ServerCertificateContext = _certificate.Current;
        _clients?.Require(handshake);
    }

    public void Reload()
    {
        _certificate.Reload();
        _clients?.Reload();
    }

    /// <summary>Ends the checks. The certificates stay in use.</summary>
    public void Dispose()
    {
        _certificate.Dispose();
        _clients?.Dispose();
    }

    private SslStreamCertificateContext Load(SslStreamCertificateContext? before)
    {
        var loaded = _files.Load();
        if (before?.TargetCertificate.RawDataMemory.Span.SequenceEqual(loaded.Context.TargetCertificate.RawDataMemory.Span) != true)
            CertificateLog.Loaded(_logger, loaded.Subject, loaded.ExpiresAt.ToUniversalTime(), _files.ToString());
        return loaded.Context;
    }
}

/// <summary>Log messages about certificates. Event ids are stable. No message contains a key or a password.</summary>
internal static partial class CertificateLog
{
    [LoggerMessage(301, LogLevel.Information,
        "The certificate of {Subject} is in use for new connections; it expires at {ExpiresAt:yyyy-MM-dd HH:mm} UTC ({Files})")]
    public static partial void Loaded(ILogger logger, string subject, DateTimeOffset expiresAt, string files);

    [LoggerMessage(302, LogLevel.Warning, "The certificate files cannot be used, so the previous certificate stays in use: {Problem}")]
    public static partial void Unusable(ILogger logger, string problem);

    [LoggerMessage(303, LogLevel.Information, "Clients need a certificate issued by {Issuers} ({File})")]
    public static partial void ClientCaLoaded(ILogger logger, string issuers, string file);

    [LoggerMessage(304, LogLevel.Warning, "The client CA file cannot be used, so the previous client CA stays in use: {Problem}")]
    public static partial void ClientCaUnusable(ILogger logger, string problem);

    [LoggerMessage(305, LogLevel.Warning, "Refused a connection: {Problem}. {Skipped} similar messages were skipped")]
    public static partial void ClientRefused(ILogger logger, string problem, long skipped);
}
