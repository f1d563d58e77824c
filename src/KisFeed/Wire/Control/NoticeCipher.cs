using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;

namespace KisFeed.Wire.Control;

/// <summary>
/// Encrypts and decrypts the frames of one registration: base64 of AES-256-CBC with PKCS#7 padding.
/// Belongs to one TR ID, key and connection. Disposed when that connection ends, which clears its key. Not thread-safe.
/// </summary>
internal sealed class NoticeCipher : IDisposable
{
    private const int BlockLength = 16;

    private readonly NoticeKey _key;
    private readonly Aes _aes;

    /// <summary>Creates a cipher that owns the key and clears it on disposal.</summary>
    public NoticeCipher(NoticeKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        _key = key;
        _aes = Aes.Create();
        _aes.SetKey(key.Key);
    }

    public NoticeKey Key => _key;

    /// <summary>
    /// Decrypts a frame into its plaintext form, <c>0|TR_ID|count|payload</c>. A <c>|</c>-separated plaintext, as described in one report,
    /// is converted to <c>^</c>-separated. A plaintext that is not valid UTF-8 after its first 16 bytes is kept unchanged. A wrong key is
    /// detected by the padding. A wrong IV garbles only the first 16 bytes, which is detected only if they are not valid text then, so a
    /// client should also check the first column.
    /// </summary>
    /// <returns>Whether decryption succeeded; if not, nothing is added to <paramref name="output"/> and
    /// <paramref name="error"/> says why.</returns>
    public bool TryDecrypt(in DataFrame frame, IBufferWriter<byte> output, out FrameError error)
    {
        ArgumentNullException.ThrowIfNull(output);
        // The plaintext form, followed by the decoded base64.
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
            // After the first block it may be the text of a notice, with an account number.
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

    public void Dispose()
    {
        _aes.Dispose();
        _key.Dispose();
    }

    // Removes the padding here, because the framework throws on wrong padding, which is the normal result of a wrong key.
    private static bool TryRemovePadding(ref Span<byte> plain)
    {
        var padding = plain[^1];
        if (padding is 0 or > BlockLength || plain[^padding..].ContainsAnyExcept(padding))
            return false;
        plain = plain[..^padding];
        return true;
    }

    // If the first block is valid text, key and IV were right, and a later UTF-8 error is the sender's. A character that begins in the
    // first block ends at most three bytes after it.
    private static bool IsGarbled(ReadOnlySpan<byte> text) =>
        Utf8Text.IndexOfInvalid(text[..Math.Min(text.Length, BlockLength + 3)]) is >= 0 and < BlockLength;

    private static bool Fail(FrameErrorKind kind, in DataFrame frame, out FrameError error)
    {
        error = new FrameError(kind, frame.PayloadOffset);
        return false;
    }
}
