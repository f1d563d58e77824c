using System.Buffers;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace KisFeed.Gateway.Consumers;

/// <summary>An app key and an app secret in the service's own format, so that clients of the service accept them.</summary>
internal sealed record ConsumerCredentials
{
    /// <summary>The length of an app key, which consists of letters and digits.</summary>
    public const int AppKeyLength = 36;

    /// <summary>The length of an app secret, which is base64 without padding.</summary>
    public const int AppSecretLength = 180;

    private const int SecretBytes = AppSecretLength / 4 * 3;
    private const string LettersAndDigits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    private static readonly SearchValues<char> s_lettersAndDigits = SearchValues.Create(LettersAndDigits);

    private ConsumerCredentials(string appKey, string appSecret)
    {
        AppKey = appKey;
        AppSecret = appSecret;
    }

    public string AppKey { get; }

    /// <summary>The app secret. Secret; only the consumer keeps it.</summary>
    public string AppSecret { get; }

    public static ConsumerCredentials Create() =>
        new(
            RandomNumberGenerator.GetString(LettersAndDigits, AppKeyLength),
            Convert.ToBase64String(RandomNumberGenerator.GetBytes(SecretBytes)));

    public static bool IsAppKey(string text) => text.Length == AppKeyLength && !text.AsSpan().ContainsAnyExcept(s_lettersAndDigits);

    /// <summary>The stored hash of an app secret. A fast hash suffices because 135 random bytes cannot be guessed.</summary>
    public static ImmutableArray<byte> HashOf(string appSecret) =>
        ImmutableCollectionsMarshal.AsImmutableArray(SHA256.HashData(Encoding.UTF8.GetBytes(appSecret)));

    public override string ToString() => nameof(ConsumerCredentials);
}
