using System.Security.Cryptography;

namespace KisFeed.Wire;

/// <summary>
/// The AES-256 key and IV with which the frames of one registration are encrypted, as the acknowledgement brings them: ASCII characters
/// used as bytes. Secret: cleared on disposal and never part of a text.
/// </summary>
public sealed class NoticeKey : IDisposable
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

    /// <summary>The key.</summary>
    internal ReadOnlySpan<byte> Key => _key;

    /// <summary>The IV.</summary>
    internal ReadOnlySpan<byte> Iv => _iv;

    /// <summary>Copies a key and its IV; <see langword="null"/> where either has the wrong length.</summary>
    public static NoticeKey? TryCreate(ReadOnlySpan<byte> key, ReadOnlySpan<byte> iv) =>
        key.Length == KeyLength && iv.Length == IvLength ? new NoticeKey(key.ToArray(), iv.ToArray()) : null;

    /// <summary>The same key and IV, to be cleared on their own.</summary>
    public NoticeKey Copy() => new([.. _key], [.. _iv]);

    /// <summary>Whether both hold the same key and IV, found out in constant time.</summary>
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

    /// <summary>Nothing of the key.</summary>
    public override string ToString() => nameof(NoticeKey);
}
