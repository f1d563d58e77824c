using System.Buffers;
using System.Text;
using KisFeed.Cli.Output;
using KisFeed.Cli.Records;
using KisFeed.Wire;

namespace KisFeed.Cli.Decoding;

/// <summary>
/// Turns lines of raw frames into lines of JSON, an object a record. Blank lines and lines that begin with <c>#</c> are passed over;
/// a control message becomes an object of its own, what cannot be read an error in its place.
/// </summary>
/// <param name="records">Takes frames apart.</param>
/// <param name="names">Which names columns bear.</param>
/// <param name="cipher">Decrypts encrypted frames; <see langword="null"/> where no key was given.</param>
/// <param name="output">Takes the objects.</param>
internal sealed class FrameLineDecoder(FrameRecords records, NameStyle names, NoticeCipher? cipher, JsonLines output) : ILineSink
{
    private readonly ArrayBufferWriter<byte> _plain = new();

    public long Records { get; private set; }

    public long Errors { get; private set; }

    public void Line(ReadOnlySpan<byte> line, long number)
    {
        if (number == 1 && line.StartsWith(Encoding.UTF8.Preamble))
            line = line[Encoding.UTF8.Preamble.Length..];
        var text = line.TrimStart(" \t"u8);
        if (text.IsEmpty || text[0] == (byte)'#')
            return;
        if (text[0] == (byte)'{')
            Control(line, number);
        else if (!DataFrame.TryParse(line, out var frame, out var error))
            Fail(error.ToString(), error, number, line);
        else if (frame.IsEncrypted)
            Encrypted(frame, line, number);
        else
            Plain(frame, line, number);
    }

    public void TooLong(ReadOnlySpan<byte> beginning, long number)
    {
        var error = new FrameError(FrameErrorKind.TooLong, LineReader.MaxLength);
        var message = $"the line is longer than {LineReader.MaxLength} bytes; \"raw\" is its beginning";
        Fail(message, error, number, beginning);
    }

    public ValueTask FlushAsync(CancellationToken cancellationToken) => output.FlushAsync(cancellationToken);

    private void Control(ReadOnlySpan<byte> line, long number)
    {
        var message = ControlMessage.TryParse(line, out var error);
        if (message is null)
        {
            Fail(error.ToString(), error, number, line);
            return;
        }

        ControlJson.Write(output, message, names);
        (message as BrokerReply)?.NoticeKey?.Dispose();
    }

    private void Encrypted(in DataFrame frame, ReadOnlySpan<byte> line, long number)
    {
        if (cipher is null)
        {
            var missing = new FrameError(FrameErrorKind.NoNoticeKey, frame.PayloadOffset);
            Fail("the frame is encrypted: --key and --iv are needed, as the acknowledgement of its registration brought them", missing, number, line);
            return;
        }

        if (!cipher.TryDecrypt(frame, _plain, out var error) || !DataFrame.TryParse(_plain.WrittenSpan, out var plain, out error))
            Fail(error.ToString(), error, number, line);
        else
            Plain(plain, line, number);

        // Overwritten and not just forgotten: it holds an account number.
        _plain.Clear();
    }

    private void Plain(in DataFrame frame, ReadOnlySpan<byte> line, long number)
    {
        var sink = new LineRecords(output, names, line, number);
        records.Read(frame, ref sink);
        Records += sink.Read;
        Errors += sink.Errors;
    }

    private void Fail(string message, in FrameError error, long number, ReadOnlySpan<byte> raw)
    {
        Errors++;
        if (!DataFrame.IsDataFrame(raw))
            raw = Encoding.UTF8.GetBytes(ControlMessageRedactor.Mask(Encoding.UTF8.GetString(raw)));
        LineErrorJson.Write(output, message, error, number, raw);
    }
}
