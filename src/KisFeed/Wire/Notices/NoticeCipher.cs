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
    /// <returns>Whether it could be; if not, nothing is added to <paramref name="output"/> and <paramref name="error"/> says why.</returns>
    public bool TryDecrypt(in DataFrame frame, IBufferWriter<byte> output, out FrameError error)
    {
        ArgumentNullException.ThrowIfNull(output);
        // The plain form, and behind it what the base64 stands for.
        var maxLength = Base64.GetMaxDecodedFromUtf8Length(frame.Payload.Length);
        var room = output.GetSpan(frame.PayloadOffset + (2 * maxLength));
        var cipherText = room[(frame.PayloadOffset + maxLength)..];
        if (Base64.DecodeFromUtf8(frame.Payload, cipherText, out _, out var length) != OperationStatus.Done)
            return Fail(FrameErrorKind.InvalidBase64, frame, out error);
        if (length == 0 || length % BlockLength != 0)
            return Fail(FrameErrorKind.InvalidCipherLength, frame, out error);
        var plain = room.Slice(frame.PayloadOffset, length);
        _ = _aes.TryDecryptCbc(cipherText[..length], _key.Iv, plain, out _, PaddingMode.None);
        var text = plain;
        if (!TryRemovePadding(ref text) || IsGarbled(text) || text.ContainsAny(WireCharacters.Controls))
        {
            // Behind its first block it may be the text of a notice, with an account number.
            CryptographicOperations.ZeroMemory(plain);
            return Fail(FrameErrorKind.WrongNoticeKey, frame, out error);
        }

        if (!text.Contains((byte)'^'))
            text.Replace((byte)'|', (byte)'^');
        frame.Bytes[..frame.PayloadOffset].CopyTo(room);
        room[0] = (byte)'0';
        output.Advance(frame.PayloadOffset + text.Length);
        error = default;
        return true;
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
    // A character that begins in it ends at most three bytes behind it.
    private static bool IsGarbled(ReadOnlySpan<byte> text) => Utf8Text.IndexOfInvalid(text[..Math.Min(text.Length, BlockLength + 3)]) is >= 0 and < BlockLength;

    private static bool Fail(FrameErrorKind kind, in DataFrame frame, out FrameError error)
    {
        error = new FrameError(kind, frame.PayloadOffset);
        return false;
    }
}
