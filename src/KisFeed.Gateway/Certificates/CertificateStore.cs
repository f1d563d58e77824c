using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using KisFeed.Gateway.Files;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace KisFeed.Gateway.Certificates;

/// <summary>
/// The certificate of a running gateway, and the client CA if client certificates are required. Both are read again when their files change. While
/// the files cannot be used, the previous ones stay in force, and the reason is logged once. Thread-safe.
/// </summary>
internal sealed class CertificateStore : IDisposable
{
    private readonly CertificateFiles _files;
    private readonly ILogger _logger;
    private readonly FileReloader<SslStreamCertificateContext> _certificate;
    private readonly ClientCertificates? _clients;

    /// <summary>Reads the files, and checks them for changes from then on.</summary>
    /// <param name="files">The files of the gateway's own certificate.</param>
    /// <param name="clientCa">The file of the authorities that clients' certificates must come from; <see langword="null"/> if clients need none.</param>
    /// <param name="interval">How often the files are checked.</param>
    /// <param name="time">The clock.</param>
    /// <param name="onClientRefused">Called for each client whose certificate is missing or refused.</param>
    /// <param name="logger">Where to log.</param>
    /// <exception cref="KisFeedConfigurationException">The files cannot be used.</exception>
    public CertificateStore(CertificateFiles files, string? clientCa, TimeSpan interval, TimeProvider time, Action onClientRefused, ILogger logger)
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

    /// <summary>Configures a new handshake.</summary>
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
    [LoggerMessage(301, LogLevel.Information, "The certificate of {Subject} is in use for new connections; it expires at {ExpiresAt:yyyy-MM-dd HH:mm} UTC ({Files})")]
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

/// <summary>The files of a server's certificate: a PFX file, or a certificate (PEM or DER) with its private key in PEM.</summary>
/// <param name="Path">The certificate, followed by intermediate certificates if there are any.</param>
/// <param name="KeyPath">The private key; <see langword="null"/> if <paramref name="Path"/> is a PFX file.</param>
/// <param name="Password">The password of the key's file; <see langword="null"/> for none.</param>
internal sealed record CertificateFiles(string Path, string? KeyPath, string? Password)
{
    /// <summary>A certificate and its chain, ready for handshakes.</summary>
    public sealed record Loaded(SslStreamCertificateContext Context, string Subject, DateTimeOffset ExpiresAt);

    /// <summary>The files of the default certificate in Kestrel's configuration; <see langword="null"/> if it has none.</summary>
    public static CertificateFiles? From(IConfiguration? kestrel)
    {
        var section = kestrel?.GetSection("Certificates:Default");
        return section?["Path"] is { } path ? new CertificateFiles(path, section["KeyPath"], section["Password"]) : null;
    }

    /// <summary>The stamps of the files, which differ after one of them was changed or replaced, also through a symbolic link.</summary>
    public (FileStamp? Certificate, FileStamp? Key) GetStamps() => (StampOf(Path), KeyPath is null ? null : StampOf(KeyPath));

    /// <summary>Reads the files.</summary>
    /// <exception cref="KisFeedConfigurationException">The files cannot be used; the message names the file and the reason.</exception>
    public Loaded Load()
    {
        var chain = ReadFile(Path, LoadChain);
        var certificate = KeyPath is null
            ? chain.FirstOrDefault(c => c.HasPrivateKey) ?? throw new KisFeedConfigurationException($"{Path}: it contains no private key; name the file of the key with --certificate-key (KeyPath)")
            : ReadFile(KeyPath, file => WithKey(chain[0], file));
        if (OperatingSystem.IsWindows())
            // TLS on Windows cannot use ephemeral keys.
            certificate = X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), password: null);
        return ReadFile(Path, _ => new Loaded(SslStreamCertificateContext.Create(certificate, chain, offline: true), certificate.Subject, new DateTimeOffset(certificate.NotAfter)));
    }

    /// <summary>The paths, without the password.</summary>
    public override string ToString() => KeyPath is null ? Path : $"{Path} with {KeyPath}";

    private X509Certificate2Collection LoadChain(string file) =>
        KeyPath is null ? X509CertificateLoader.LoadPkcs12Collection(File.ReadAllBytes(file), Password) : ReadCertificates(file);

    /// <summary>Reads the certificates of a PEM file, or the certificate of a DER file.</summary>
    /// <exception cref="CryptographicException">The file contains no certificate.</exception>
    internal static X509Certificate2Collection ReadCertificates(string file)
    {
        var content = File.ReadAllBytes(file);
        var chain = new X509Certificate2Collection();
        if (content.AsSpan().IndexOf("-----BEGIN"u8) >= 0)
            chain.ImportFromPem(Encoding.UTF8.GetString(content));
        else
            chain.Add(X509CertificateLoader.LoadCertificate(content));
        return chain.Count > 0 ? chain : throw new CryptographicException("it contains no certificate");
    }

    private X509Certificate2 WithKey(X509Certificate2 certificate, string file)
    {
        var key = File.ReadAllText(file);
        var text = certificate.ExportCertificatePem();
        return Password is null ? X509Certificate2.CreateFromPem(text, key) : X509Certificate2.CreateFromEncryptedPem(text, key, Password);
    }

    /// <summary>Reads a file.</summary>
    /// <exception cref="KisFeedConfigurationException">The file cannot be used; the message names it and the reason.</exception>
    internal static T ReadFile<T>(string file, Func<string, T> read)
    {
        try
        {
            return read(file);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or NotSupportedException or IOException or UnauthorizedAccessException)
        {
            throw new KisFeedConfigurationException($"{file}: {e.Message}", e);
        }
    }

    /// <summary>The stamp of a file; <see langword="null"/> if it does not exist.</summary>
    internal static FileStamp? StampOf(string path)
    {
        try
        {
            var file = new FileInfo(path);
            file = file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file;
            return FileStamp.Of(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // Reading the file reports the reason.
        }
    }
}
