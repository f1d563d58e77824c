using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using KisFeed.Benchmarks.Comparing;
using KisFeed.Feeds;
using KisFeed.Wire;
using KisFeed.Wire.Control;

namespace KisFeed.Benchmarks.Decode;

/// <summary>Decoding of an encrypted order notice, compared with its decryption alone.</summary>
internal sealed class NoticeWork : IDisposable
{
    public const string Typed = "KisFeed: decrypted, typed record";
    public const string Aes = "AES alone, one Aes used again";

    private static readonly byte[] s_key = "abcdefghijklmnopqrstuvwxyz012345"u8.ToArray();
    private static readonly byte[] s_iv = "0123456789abcdef"u8.ToArray();

    private readonly FeedSchema _feed = OrderNotice.Feed.Schema;
    private readonly StringPool _texts = new();
    private readonly ArrayBufferWriter<byte> _plain = new();
    private readonly NoticeCipher _cipher = new(NoticeKey.TryCreate(s_key, s_iv)!);
    private readonly Aes _aes = System.Security.Cryptography.Aes.Create();
    private readonly byte[] _frame;
    private readonly byte[] _cipherText;
    private readonly byte[] _output;
    private readonly RecordReaderBuffer _readerBuffer = new();

    public NoticeWork()
    {
        var plain = Encoding.UTF8.GetBytes(Samples.Notice);
        if (!DataFrame.TryParse(plain, out var frame, out _))
            throw new InvalidOperationException("the frame is wrong");
        var encrypted = new ArrayBufferWriter<byte>();
        encrypted.Write("1|H0IFCNI0|001|"u8);
        _cipher.Encrypt(frame.Payload, encrypted);
        _frame = encrypted.WrittenSpan.ToArray();
        _aes.SetKey(s_key);
        _cipherText = _aes.EncryptCbc(frame.Payload, s_iv);
        _output = new byte[_cipherText.Length];
    }

    public string Subject => $"H0IFCNI0 encrypted, {_frame.Length} bytes";

    public IReadOnlyList<Candidate> Candidates =>
    [
        new(Typed, _ => Task.FromResult(TimedLoop.Of(Decode))),
        new(Aes, _ => Task.FromResult(TimedLoop.Of(() => _aes.DecryptCbc(_cipherText, s_iv, _output)))),
    ];

    public void Dispose()
    {
        _cipher.Dispose();
        _aes.Dispose();
    }

    private long Decode()
    {
        _plain.ResetWrittenCount();
        if (!DataFrame.TryParse(_frame, out var encrypted, out _) || !_cipher.TryDecrypt(encrypted, _plain, out _))
            throw new InvalidOperationException("the frame does not decrypt");
        if (!DataFrame.TryParse(_plain.WrittenSpan, out var frame, out _) || !_readerBuffer.TryRead(_feed, frame, out var reader, out _))
            throw new InvalidOperationException("the frame is wrong");
        reader.MoveNext();
        if (!OrderNotice.TryDecode(reader.Current, _texts, DateTimeOffset.UnixEpoch, out var notice, out var error))
            throw new InvalidOperationException(error.ToString());
        return notice.ReceivedAt.Ticks;
    }
}
