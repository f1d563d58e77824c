using System.Buffers.Text;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using KisFeed.Approval;
using KisFeed.Gateway.Files;

namespace KisFeed.Gateway.Consumers;

/// <summary>
/// The one-time codes of links that sign a browser in: a file beside the token file, which contains only hashes of the codes. A code is
/// removed before it is accepted, so that no gateway of the token file accepts it again.
/// </summary>
internal sealed class SignInLinkFile(string tokenFile, TimeProvider time)
{
    private const int CodeBytes = 18; // 144 bits, 24 letters
    private const int MaxLinks = 1_000;
    private const int MaxBytes = 1 << 20;
    private const int Version = 1;

    private readonly Lock _gate = new();
    private readonly PrivateFile _file = new(System.IO.Path.ChangeExtension(tokenFile, ".links.json"));

    private (FileStamp Stamp, ImmutableArray<SignInLink> Links)? _cached;

    public string Path => _file.Path;

    /// <summary>Creates a code for a consumer.</summary>
    /// <param name="consumer">The consumer that the browser is signed in as.</param>
    /// <param name="expires">When the code is no longer valid.</param>
    /// <param name="cancellationToken">Cancels the change.</param>
    /// <returns>The code. Secret; it is not stored.</returns>
    /// <exception cref="KisFeedConfigurationException">The file cannot be used.</exception>
    public async Task<string> AddAsync(Consumer consumer, DateTimeOffset expires, CancellationToken cancellationToken)
    {
        var code = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(CodeBytes));
        await UpdateAsync(
            links => links.Length < MaxLinks
                ? links.Add(new SignInLink(consumer.AppKey, HashOf(code), expires))
                : throw new KisFeedConfigurationException(
                    $"{Path} has {MaxLinks} unused links: wait until some have expired, or delete the file, which invalidates them all"),
            cancellationToken).ConfigureAwait(false);
        return code;
    }

    /// <summary>Redeems a code, which is not valid afterwards.</summary>
    /// <returns>The app key of the consumer; <see langword="null"/> if the code is not valid.</returns>
    /// <exception cref="KisFeedConfigurationException">The file cannot be used.</exception>
    public async Task<string?> RedeemAsync(string code, CancellationToken cancellationToken)
    {
        var hash = HashOf(code);

        // Most wrong codes need neither the lock nor a read of the file.
        if (Find(ReadCached(), hash) is null)
            return null;
        SignInLink? found = null;
        await UpdateAsync(
            links => (found = Find(links, hash)) is { } link ? links.Remove(link) : links, cancellationToken).ConfigureAwait(false);
        return found?.AppKey;
    }

    private static string HashOf(string code) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(code)));

    private static SignInLink? Find(ImmutableArray<SignInLink> links, string hash)
    {
        SignInLink? found = null;
        foreach (var link in links)
        {
            if (CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(link.CodeSha256), Encoding.ASCII.GetBytes(hash)))
                found = link;
        }

        return found;
    }

    private async Task UpdateAsync(Func<ImmutableArray<SignInLink>, ImmutableArray<SignInLink>> change, CancellationToken cancellationToken)
    {
        try
        {
            var guard = await _file.LockAsync(cancellationToken).ConfigureAwait(false);
            await using var _ = guard.ConfigureAwait(false);
            var text = JsonSerializer.SerializeToUtf8Bytes(
                new SignInLinkFileContent(Version, change(Read())), SignInLinkJson.Default.SignInLinkFileContent);
            await _file.ReplaceAsync(text, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KisFeedConfigurationException($"{Path} cannot be written: {e.Message}", e);
        }
    }

    // Rereads the file only if it may have changed.
    private ImmutableArray<SignInLink> ReadCached()
    {
        var stamp = FileStamp.Of(new FileInfo(Path));
        lock (_gate)
        {
            if (_cached is var (before, links) && before == stamp)
                return [.. links.Where(link => link.Expires > time.GetUtcNow())];
            _cached = null;
        }

        var read = Read();
        lock (_gate)
            _cached = stamp is { } known && !known.IsFresh(DateTimeOffset.UtcNow) ? (known, read) : null;
        return read;
    }

    // Returns the links that have not expired.
    private ImmutableArray<SignInLink> Read()
    {
        try
        {
            using var stream = _file.OpenRead();
            if (PrivateFile.ExposureOf(stream) is { } mode)
            {
                throw new KisFeedConfigurationException(
                    $"{Path} is accessible to users other than its owner (mode {Convert.ToString((int)mode, 8)}): run 'chmod 600 {Path}'");
            }
            if (stream.Length > MaxBytes)
                throw new KisFeedConfigurationException($"{Path} is longer than {MaxBytes} bytes: delete it, which invalidates its links");
            return JsonSerializer.Deserialize(stream, SignInLinkJson.Default.SignInLinkFileContent) is
            {
                Version: Version,
                Links: { IsDefault: false } links
            }
                ? [.. links.Where(link => link.Expires > time.GetUtcNow())]
                : throw Unreadable();
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return [];
        }
        catch (JsonException)
        {
            // The exception is not passed on because it quotes the file's content.
            throw Unreadable();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KisFeedConfigurationException($"{Path} cannot be read: {e.Message}", e);
        }
    }

    private KisFeedConfigurationException Unreadable() =>
        new($"{Path} is not a valid file of sign-in links of version {Version}: delete it, which invalidates its links");
}

/// <summary>An unused link.</summary>
/// <param name="AppKey">The app key of the consumer. Secret.</param>
/// <param name="CodeSha256">The SHA-256 of the code, in hexadecimal digits.</param>
/// <param name="Expires">When it expires.</param>
internal sealed record SignInLink(string AppKey, string CodeSha256, DateTimeOffset Expires)
{
    public override string ToString() => $"SignInLink {{ Expires = {Expires:O} }}";
}

/// <summary>The content of the file.</summary>
internal sealed record SignInLinkFileContent(int Version, ImmutableArray<SignInLink> Links);

/// <summary>Reads and writes <see cref="SignInLinkFileContent"/>.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    WriteIndented = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(SignInLinkFileContent))]
internal sealed partial class SignInLinkJson : JsonSerializerContext;
