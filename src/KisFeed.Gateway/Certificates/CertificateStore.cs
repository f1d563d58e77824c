using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.Extensions.Configuration;
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

    [LoggerMessage(305, LogLevel.Warning, "Refused a connection: {Problem}. {Skipped} similar messages were skipped")]
    public static partial void ClientRefused(ILogger logger, string problem, long skipped);
}

/// <summary>The files of a server's certificate: a PFX file, or a certificate (PEM or DER) with its private key in PEM.</summary>
/// <param name="Path">The certificate, with the intermediate ones after it if there are any.</param>
/// <param name="KeyPath">The private key; <see langword="null"/> where <paramref name="Path"/> is a PFX file.</param>
/// <param name="Password">The password of the file that holds the key; <see langword="null"/> for none.</param>
internal sealed record CertificateFiles(string Path, string? KeyPath, string? Password)
{
    /// <summary>The certificate and its chain, ready for handshakes.</summary>
    /// <param name="Context">What handshakes use.</param>
    /// <param name="Subject">Whom the certificate names.</param>
    /// <param name="ExpiresAt">When it expires.</param>
    public sealed record Loaded(SslStreamCertificateContext Context, string Subject, DateTimeOffset ExpiresAt);

    /// <summary>The files that Kestrel's configuration names as the default certificate; <see langword="null"/> where it names none.</summary>
    public static CertificateFiles? From(IConfiguration? kestrel)
    {
        var section = kestrel?.GetSection("Certificates:Default");
        return section?["Path"] is { } path ? new CertificateFiles(path, section["KeyPath"], section["Password"]) : null;
    }

    /// <summary>What the files look like from outside. Different when one of them was changed or replaced, also through a symbolic link.</summary>
    public (FileStamp? Certificate, FileStamp? Key) Look() => (LookAt(Path), KeyPath is null ? null : LookAt(KeyPath));

    /// <summary>Reads the files.</summary>
    /// <exception cref="KisFeedConfigurationException">They cannot be used; the message names the file and the reason.</exception>
    public Loaded Load()
    {
        var chain = ReadingOf(Path, LoadChain);
        var certificate = KeyPath is null
            ? chain.FirstOrDefault(c => c.HasPrivateKey) ?? throw new KisFeedConfigurationException($"{Path}: it holds no private key; name the file that does with --certificate-key (KeyPath)")
            : ReadingOf(KeyPath, file => WithKey(chain[0], file));
        if (OperatingSystem.IsWindows())
            certificate = X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), password: null); // Its TLS cannot use keys that are in memory alone.
        return ReadingOf(Path, _ => new Loaded(SslStreamCertificateContext.Create(certificate, chain, offline: true), certificate.Subject, new DateTimeOffset(certificate.NotAfter)));
    }

    /// <summary>The paths, and never the password.</summary>
    public override string ToString() => KeyPath is null ? Path : $"{Path} with {KeyPath}";

    private X509Certificate2Collection LoadChain(string file) =>
        KeyPath is null ? X509CertificateLoader.LoadPkcs12Collection(File.ReadAllBytes(file), Password) : ReadCertificates(file);

    /// <summary>The certificates of a PEM file, or the one of a DER file.</summary>
    /// <exception cref="CryptographicException">There is none.</exception>
    internal static X509Certificate2Collection ReadCertificates(string file)
    {
        var content = File.ReadAllBytes(file);
        var chain = new X509Certificate2Collection();
        if (content.AsSpan().IndexOf("-----BEGIN"u8) >= 0)
            chain.ImportFromPem(Encoding.UTF8.GetString(content));
        else
            chain.Add(X509CertificateLoader.LoadCertificate(content));
        return chain.Count > 0 ? chain : throw new CryptographicException("it holds no certificate");
    }

    private X509Certificate2 WithKey(X509Certificate2 certificate, string file)
    {
        var key = File.ReadAllText(file);
        var text = certificate.ExportCertificatePem();
        return Password is null ? X509Certificate2.CreateFromPem(text, key) : X509Certificate2.CreateFromEncryptedPem(text, key, Password);
    }

    /// <summary>Reads a file.</summary>
    /// <exception cref="KisFeedConfigurationException">It cannot be used; the message names the file and the reason.</exception>
    internal static T ReadingOf<T>(string file, Func<string, T> read)
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

    /// <summary>What a file looks like from outside; <see langword="null"/> where there is none.</summary>
    internal static FileStamp? LookAt(string path)
    {
        try
        {
            var file = new FileInfo(path);
            file = file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file;
            return FileStamp.Of(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // Reading it says why.
        }
    }
}
