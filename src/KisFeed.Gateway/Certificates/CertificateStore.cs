using System.Net.Security;
using Microsoft.Extensions.Logging;

namespace KisFeed.Gateway;

/// <summary>
/// The certificate of a running gateway, and the certificates that it requires of clients where it does. Both are read again when their files change. While the files cannot be used, what was read before stays in force, and the
/// reason is logged once. For any thread.
/// </summary>
internal sealed class CertificateStore : IDisposable
{
    private readonly CertificateFiles _files;
    private readonly ILogger _logger;
    private readonly FileReloader<SslStreamCertificateContext> _certificate;
    private readonly ClientCertificates? _clients;

    /// <summary>Reads the files, and checks them for changes from then on.</summary>
    /// <param name="files">The files of the gateway's own certificate.</param>
    /// <param name="options">How the gateway is set up.</param>
    /// <param name="onClientRefused">Told of each client whose certificate is missing or refused.</param>
    /// <param name="logger">Where to log.</param>
    /// <exception cref="KisFeedConfigurationException">The files cannot be used.</exception>
    public CertificateStore(CertificateFiles files, GatewayOptions options, Action onClientRefused, ILogger logger)
    {
        _files = files;
        _logger = logger;
        _certificate = new FileReloader<SslStreamCertificateContext>(
            files.Look, Load, problem => CertificateLog.Unusable(logger, problem), options.CertificateReloadInterval, options.TimeProvider);
        try
        {
            _clients = options.ClientCa is { } path ? new ClientCertificates(path, options.CertificateReloadInterval, options.TimeProvider, onClientRefused, logger) : null;
        }
        catch
        {
            _certificate.Dispose();
            throw;
        }
    }

    /// <summary>Sets up a handshake that begins now.</summary>
    public void SetUp(SslServerAuthenticationOptions handshake)
    {
        handshake.ServerCertificateContext = _certificate.Current;
        _clients?.Require(handshake);
    }

    /// <summary>Reads the files now, whether they have changed or not.</summary>
    public void Reload()
    {
        _certificate.Reload();
        _clients?.Reload();
    }

    /// <summary>Ends the checks. The certificates stay.</summary>
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

/// <summary>What is logged of certificates. Event ids are stable; no message holds a key or a password.</summary>
internal static partial class CertificateLog
{
    [LoggerMessage(301, LogLevel.Information, "The certificate of {Subject} is in use for new connections; it expires at {ExpiresAt:yyyy-MM-dd HH:mm} UTC ({Files})")]
    public static partial void Loaded(ILogger logger, string subject, DateTimeOffset expiresAt, string files);

    [LoggerMessage(302, LogLevel.Warning, "The certificate before stays in use, because its files cannot be used: {Problem}")]
    public static partial void Unusable(ILogger logger, string problem);

    [LoggerMessage(303, LogLevel.Information, "Clients need a certificate issued by {Issuers} ({File})")]
    public static partial void ClientCaLoaded(ILogger logger, string issuers, string file);

    [LoggerMessage(304, LogLevel.Warning, "The client CA before stays in use, because its file cannot be used: {Problem}")]
    public static partial void ClientCaUnusable(ILogger logger, string problem);

    [LoggerMessage(305, LogLevel.Warning, "Refused a connection: {Problem}. {Skipped} others were refused since the last of these lines")]
    public static partial void ClientRefused(ILogger logger, string problem, long skipped);
}
