using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;

namespace KisFeed.Wire;

/// <summary>
/// Encrypts and decrypts the frames of one registration: base64 of AES-256-CBC with PKCS#7 padding.
/// Belongs to one TR ID, key and connection; disposed, and its key cleared, when that connection ends. Not for several threads at once.
/// </summary>
public sealed class NoticeCipher : IDisposable
{
    private const int BlockLength = 16;

    private readonly NoticeKey _key;
    private readonly Aes _aes;

    /// <summary>Takes the key over: it is cleared when the cipher is disposed.</summary>
    public NoticeCipher(NoticeKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        _key = key;
        _aes = Aes.Create();
        _aes.SetKey(key.Key);
    }

    /// <summary>The key and IV.</summary>
    public NoticeKey Key => _key;

    /// <summary>
    /// Decrypts a frame into its plain form, <c>0|TR_ID|count|payload</c>. A plain text that is <c>|</c>-separated, as one report has it,
    /// comes out <c>^</c>-separated, and one that is not valid UTF-8 behind its first 16 bytes as it is. A wrong key shows in the padding; a wrong IV garbles the first 16 bytes alone, which shows only where
    /// they are then no text, so that a client does well to look at the first column too.
    /// </summary>
    /// <returns>Whether it could be; if not, nothing is written and <paramref name="error"/> says why.</returns>
    public bool TryDecrypt(in DataFrame frame, IBufferWriter<byte> output, out FrameError error)
    {
        ArgumentNullException.ThrowIfNull(output);
        var cipherText = ArrayPool<byte>.Shared.Rent(Base64.GetMaxDecodedFromUtf8Length(frame.Payload.Length));
        var plain = ArrayPool<byte>.Shared.Rent(cipherText.Length);
        var plainLength = 0;
        try
        {
            if (Base64.DecodeFromUtf8(frame.Payload, cipherText, out _, out var length) != OperationStatus.Done)
                return Fail(FrameErrorKind.InvalidBase64, frame, out error);
            if (length == 0 || length % BlockLength != 0)
                return Fail(FrameErrorKind.InvalidCipherLength, frame, out error);
            _ = _aes.TryDecryptCbc(cipherText.AsSpan(0, length), _key.Iv, plain, out plainLength, PaddingMode.None);
            var text = plain.AsSpan(0, plainLength);
            if (!TryRemovePadding(ref text) || IsGarbled(text) || text.ContainsAny(WireCharacters.Controls))
                return Fail(FrameErrorKind.WrongNoticeKey, frame, out error);

            if (!text.Contains((byte)'^'))
                text.Replace((byte)'|', (byte)'^');
            output.Write("0"u8);
            output.Write(frame.Bytes[1..frame.PayloadOffset]);
            output.Write(text);
            error = default;
            return true;
        }
        finally
        {
            // The plain text holds an account number; it is not left behind in a shared pool.
            CryptographicOperations.ZeroMemory(plain.AsSpan(0, plainLength));
            ArrayPool<byte>.Shared.Return(plain);
            ArrayPool<byte>.Shared.Return(cipherText);
        }
    }

    /// <summary>Encrypts records, <c>^</c>-separated, into a frame's payload.</summary>
    public void Encrypt(ReadOnlySpan<byte> plain, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        var cipherText = _aes.EncryptCbc(plain, _key.Iv);
        var text = output.GetSpan(Base64.GetMaxEncodedToUtf8Length(cipherText.Length));
        _ = Base64.EncodeToUtf8(cipherText, text, out _, out var written);
        output.Advance(written);
    }

    /// <summary>Clears the key.</summary>
    public void Dispose()
    {
        _aes.Dispose();
        _key.Dispose();
    }

    // By hand, since the framework throws on wrong padding, which is no exception here: it is what a wrong key looks like.
    private static bool TryRemovePadding(ref Span<byte> plain)
    {
        var padding = plain[^1];
        if (padding is 0 or > BlockLength || plain[^padding..].ContainsAnyExcept(padding))
            return false;
        plain = plain[..^padding];
        return true;
    }

    // Text whose first block is sound was decrypted under the right key and IV: a later mistake in its UTF-8 was made by who encrypted it.
    private static bool IsGarbled(ReadOnlySpan<byte> text) => Utf8Text.IndexOfInvalid(text) is >= 0 and < BlockLength;

    private static bool Fail(FrameErrorKind kind, in DataFrame frame, out FrameError error)
    {
        error = new FrameError(kind, frame.PayloadOffset);
        return false;
    }
}
