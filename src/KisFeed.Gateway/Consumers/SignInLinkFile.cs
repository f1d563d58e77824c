using System.Buffers.Text;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace KisFeed.Gateway;

/// <summary>
/// The codes of links that sign a browser in, each once and for a short time: a file beside the token file, which holds hashes of the codes alone. A code is removed before it is
/// accepted, so that it cannot be used again, by whichever gateway of the token file.
/// </summary>
/// <param name="tokenFile">Where the token file is.</param>
/// <param name="time">The clock.</param>
internal sealed class SignInLinkFile(string tokenFile, TimeProvider time)
{
    private const int CodeBytes = 18; // 144 bits, 24 letters
    private const int MaxLinks = 1_000;
    private const int MaxBytes = 1 << 20;
    private const int Version = 1;

    private readonly Lock _gate = new();
    private readonly PrivateFile _file = new(System.IO.Path.ChangeExtension(tokenFile, ".links.json"));

    private (FileStamp Stamp, ImmutableArray<SignInLink> Links)? _kept;

    /// <summary>Where it is, in full.</summary>
    public string Path => _file.Path;

    /// <summary>Makes a code for a consumer.</summary>
    /// <param name="consumer">Who the browser is to be.</param>
    /// <param name="expires">When the code is no longer valid.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <returns>The code. Secret; it is kept nowhere.</returns>
    /// <exception cref="KisFeedConfigurationException">The file cannot be used.</exception>
    public async Task<string> AddAsync(Consumer consumer, DateTimeOffset expires, CancellationToken cancellationToken)
    {
        var code = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(CodeBytes));
        await UpdateAsync(
            links => links.Length < MaxLinks
                ? links.Add(new SignInLink(consumer.AppKey, HashOf(code), expires))
                : throw new KisFeedConfigurationException($"{Path} has {MaxLinks} links that were not used: wait until some have expired, or delete the file, which makes them all invalid"),
            cancellationToken).ConfigureAwait(false);
        return code;
    }

    /// <summary>Takes a code, which is not valid afterwards.</summary>
    /// <returns>The app key of the consumer whose code it is; <see langword="null"/> if it is not valid, or no longer.</returns>
    /// <exception cref="KisFeedConfigurationException">The file cannot be used.</exception>
    public async Task<string?> TakeAsync(string code, CancellationToken cancellationToken)
    {
        var hash = HashOf(code);

        // Most codes that are wrong cost no lock, and no reading either.
        if (Find(ReadKept(), hash) is null)
            return null;
        SignInLink? found = null;
        await UpdateAsync(links => (found = Find(links, hash)) is { } link ? links.Remove(link) : links, cancellationToken).ConfigureAwait(false);
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
            var text = JsonSerializer.SerializeToUtf8Bytes(new SignInLinkFileContent(Version, change(Read())), SignInLinkJson.Default.SignInLinkFileContent);
            await _file.ReplaceAsync(text, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KisFeedConfigurationException($"{Path} cannot be written: {e.Message}", e);
        }
    }

    // What was read before, unless the file may have changed since.
    private ImmutableArray<SignInLink> ReadKept()
    {
        var stamp = FileStamp.Of(new FileInfo(Path));
        lock (_gate)
        {
            if (_kept is var (before, links) && before == stamp)
                return [.. links.Where(link => link.Expires > time.GetUtcNow())];
            _kept = null;
        }

        var read = Read();
        lock (_gate)
            _kept = stamp is { } known && !known.IsFresh(DateTimeOffset.UtcNow) ? (known, read) : null;
        return read;
    }

    // Those that have not expired.
    private ImmutableArray<SignInLink> Read()
    {
        try
        {
            using var stream = _file.OpenRead();
            if (PrivateFile.ExposureOf(stream) is { } mode)
                throw new KisFeedConfigurationException($"{Path} can be used by others than its owner (its mode is {Convert.ToString((int)mode, 8)}): 'chmod 600 {Path}' makes it the owner's alone");
            if (stream.Length > MaxBytes)
                throw new KisFeedConfigurationException($"{Path} is longer than {MaxBytes} bytes: delete it, which makes its links invalid");
            return JsonSerializer.Deserialize(stream, SignInLinkJson.Default.SignInLinkFileContent) is { Version: Version, Links: { IsDefault: false } links }
                ? [.. links.Where(link => link.Expires > time.GetUtcNow())]
                : throw Unreadable();
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return [];
        }
        catch (JsonException)
        {
            // Not passed on: it quotes what it found.
            throw Unreadable();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KisFeedConfigurationException($"{Path} cannot be read: {e.Message}", e);
        }
    }

    private KisFeedConfigurationException Unreadable() => new($"{Path} is not a valid file of sign-in links of version {Version}: delete it, which makes its links invalid");
}

/// <summary>A link that was not used yet.</summary>
/// <param name="AppKey">The app key of the consumer. Secret.</param>
/// <param name="CodeSha256">The SHA-256 of the code, in hexadecimal digits.</param>
/// <param name="Expires">When it is no longer valid.</param>
internal sealed record SignInLink(string AppKey, string CodeSha256, DateTimeOffset Expires)
{
    /// <summary>Nothing secret.</summary>
    public override string ToString() => $"SignInLink {{ Expires = {Expires:O} }}";
}

/// <summary>The content of the file.</summary>
internal sealed record SignInLinkFileContent(int Version, ImmutableArray<SignInLink> Links);

/// <summary>Reads and writes <see cref="SignInLinkFileContent"/>.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(SignInLinkFileContent))]
internal sealed partial class SignInLinkJson : JsonSerializerContext;
