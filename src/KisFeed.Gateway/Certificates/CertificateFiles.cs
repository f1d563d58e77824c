using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using KisFeed.Gateway.Files;
using Microsoft.Extensions.Configuration;

namespace KisFeed.Gateway.Certificates;

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
            ? chain.FirstOrDefault(c => c.HasPrivateKey)
                ?? throw new KisFeedConfigurationException(
                    $"{Path}: it contains no private key; name the file of the key with --certificate-key (KeyPath)")
            : ReadFile(KeyPath, file => WithKey(chain[0], file));
        if (OperatingSystem.IsWindows())
            // TLS on Windows cannot use ephemeral keys.
            certificate = X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), password: null);
        return ReadFile(Path, _ => new Loaded(
            SslStreamCertificateContext.Create(certificate, chain, offline: true),
            certificate.Subject,
            new DateTimeOffset(certificate.NotAfter)));
    }

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
        catch (Exception e)
            when (e is CryptographicException or ArgumentException or NotSupportedException or IOException or UnauthorizedAccessException)
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
