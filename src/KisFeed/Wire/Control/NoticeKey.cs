using System.Security.Cryptography;

namespace KisFeed.Wire.Control;

/// <summary>
/// The AES-256 key and IV that encrypt the frames of one registration, as sent in the acknowledgement: ASCII characters used as bytes.
/// Secret: cleared on disposal and never part of a text.
/// </summary>
internal sealed class NoticeKey : IDisposable
{
    /// <summary>The length of the key in bytes.</summary>
    public const int KeyLength = 32;

    /// <summary>The length of the IV in bytes.</summary>
    public const int IvLength = 16;

    private readonly byte[] _key;
    private readonly byte[] _iv;

    private NoticeKey(byte[] key, byte[] iv)
    {
        _key = key;
        _iv = iv;
    }

    internal ReadOnlySpan<byte> Key => _key;

    internal ReadOnlySpan<byte> Iv => _iv;

    /// <summary>Copies a key and its IV. Returns <see langword="null"/> if either has the wrong length.</summary>
    public static NoticeKey? TryCreate(ReadOnlySpan<byte> key, ReadOnlySpan<byte> iv) =>
        key.Length == KeyLength && iv.Length == IvLength ? new NoticeKey(key.ToArray(), iv.ToArray()) : null;

    /// <summary>Copies the key and IV. The copy must be disposed of separately.</summary>
    public NoticeKey Copy() => new([.. _key], [.. _iv]);

    /// <summary>Compares key and IV in constant time.</summary>
    public bool Matches(NoticeKey other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return CryptographicOperations.FixedTimeEquals(_key, other._key) & CryptographicOperations.FixedTimeEquals(_iv, other._iv);
    }

    /// <summary>Clears the key and the IV.</summary>
    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_key);
        CryptographicOperations.ZeroMemory(_iv);
    }

    /// <summary>Does not reveal the key.</summary>
    public override string ToString() => nameof(NoticeKey);
}
