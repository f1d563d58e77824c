using System.Buffers;
using System.Text.RegularExpressions;
using KisFeed.Wire.Control;

namespace KisFeed.Cli.Decoding;

/// <summary>
/// Decodes lines of raw frames, or of a capture, into lines of JSON, one object per record. Blank lines and lines that begin with
/// <c>#</c> are skipped, unless they hold a frame of a capture; a control message becomes its own object, an unreadable line or record
/// becomes an error object in its place.
/// </summary>
/// <param name="records">Splits frames into records.</param>
/// <param name="names">The style of the column names.</param>
/// <param name="cipher">Decrypts encrypted frames; <see langword="null"/> if no key was given.</param>
/// <param name="output">Receives the objects.</param>
internal sealed class FrameLineDecoder(FrameRecords records, NameStyle names, NoticeCipher? cipher, LineBuffer output) : ILineSink
{
    private readonly ArrayBufferWriter<byte> _plain = new();

    public long Records { get; private set; }

    public long Errors { get; private set; }

    public void OnLine(ReadOnlySpan<byte> line, long number)
    {
        if (number == 1 && line.StartsWith(Encoding.UTF8.Preamble))
            line = line[Encoding.UTF8.Preamble.Length..];
        if (CaptureLine.TryReadTime(line, out _))
            line = line[(CaptureLine.TimeLength + 1)..];
        var text = line.TrimStart(" \t"u8);
        if (text.IsEmpty)
            return;
        if (text[0] == (byte)'#')
        {
            // A frame that is not a line of text.
            if (text.IndexOf("\"base64\""u8) < 0 || !CaptureLine.TryRead(text.ToArray(), out var read) || read.Frame.IsEmpty)
                return;
            line = text = read.Frame.Span;
        }

        if (text[0] == (byte)'{')
            WriteControlMessage(line, number);
        else if (!DataFrame.TryParse(line, out var frame, out var error))
            Fail(error.ToString(), error, number, line);
        else if (frame.IsEncrypted)
            DecodeEncrypted(frame, line, number);
        else
            DecodePlain(frame, line, number);
    }

    public void OnLineTooLong(ReadOnlySpan<byte> beginning, long number)
    {
        var error = new FrameError(FrameErrorKind.TooLong, LineReader.MaxLength);
        var message = $"the line is longer than {LineReader.MaxLength} bytes; \"raw\" is its beginning";
        Fail(message, error, number, beginning);
    }

    public ValueTask FlushAsync(CancellationToken cancellationToken) => output.FlushAsync(cancellationToken);

    private void WriteControlMessage(ReadOnlySpan<byte> line, long number)
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

    private void DecodeEncrypted(in DataFrame frame, ReadOnlySpan<byte> line, long number)
    {
        if (cipher is null)
        {
            var missing = new FrameError(FrameErrorKind.NoNoticeKey, frame.PayloadOffset);
            Fail("the frame is encrypted: give --key and --iv from the acknowledgement of its registration", missing, number, line);
            return;
        }

        if (!cipher.TryDecrypt(frame, _plain, out var error) || !DataFrame.TryParse(_plain.WrittenSpan, out var plain, out error))
            Fail(error.ToString(), error, number, line);
        else
            DecodePlain(plain, line, number);

        // Clear overwrites the content, which holds an account number.
        _plain.Clear();
    }

    private void DecodePlain(in DataFrame frame, ReadOnlySpan<byte> line, long number)
    {
        var sink = new LineRecords(output, names, line, number);
        records.Read(frame, ref sink);
        Records += sink.RecordsWritten;
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

/// <summary>Writes the error object for an unreadable line.</summary>
internal static class LineErrorJson
{
    public static void Write(LineBuffer output, string message, in FrameError error, long number, ReadOnlySpan<byte> raw)
    {
        var json = output.BeginObject();
        json.WriteString("error"u8, message);
        json.WriteNumber("line"u8, number);
        FrameErrorJson.Write(json, error);
        FrameErrorJson.WriteRaw(json, raw);
        output.EndObject();
    }
}

/// <summary>Masks secrets in the text of an unreadable control message: JSON, possibly truncated, or a Python dictionary.</summary>
internal static class ControlMessageRedactor
{
    private static readonly Regex s_secrets = new(
        """(?<name>["'](?:key|iv|approval_key|appkey|appsecret|secretkey|personalseckey|access_token)["']\s*:\s*)(?:"(?:"""
            + """[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|[^"',}\]\s]+)""",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking,
        Timeout.InfiniteTimeSpan);

    public static string Mask(string text) => s_secrets.Replace(text, "${name}\"***\"");
}
