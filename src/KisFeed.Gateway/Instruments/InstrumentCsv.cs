using System.Text;
using KisFeed.Output;

namespace KisFeed.Gateway.Instruments;

/// <summary>Reads instruments from CSV: UTF-8, a header, and one line per instrument.</summary>
internal static class InstrumentCsv
{
    private const string Header = "kind,code,name";
    private const string LongHeader = Header + ",englishName";

    private static readonly string s_kinds = string.Join(", ", Enum.GetValues<InstrumentKind>().Select(JsonName.Of));
    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>Reads a file.</summary>
    /// <exception cref="KisFeedConfigurationException">The content is not valid.</exception>
    public static IEnumerable<Instrument> Read(string path, byte[] content)
    {
        var start = content.AsSpan().StartsWith(ByteOrderMark) ? ByteOrderMark.Length : 0;
        var number = 0;
        var width = 0;
        foreach (var bytes in FileLines.Of(content.AsMemory(start)))
        {
            number++;
            var line = Decode(bytes.Span, path, number);
            if (number == 1)
            {
                width = line == LongHeader || line == Header
                    ? line.Split(',').Length
                    : throw Bad(path, number, $"expected the header {LongHeader} or {Header}");
            }
            else if (line.Length > 0)
            {
                yield return Parse(line, width, path, number);
            }
        }

        if (number == 0)
            throw Bad(path, 1, $"expected the header {LongHeader} or {Header}");
    }

    private static string Decode(ReadOnlySpan<byte> bytes, string path, int number)
    {
        try
        {
            return s_utf8.GetString(bytes);
        }
        catch (DecoderFallbackException e)
        {
            throw new KisFeedConfigurationException(Message(path, number, "the text is not UTF-8: save the file as UTF-8"), e);
        }
    }

    private static Instrument Parse(string line, int width, string path, int number)
    {
        var fields = Split(line) ?? throw Bad(path, number, "a quotation mark is not closed or not allowed here");
        if (fields.Count != width)
            throw Bad(path, number, $"expected {width} fields, found {fields.Count}");
        if (fields[0].Length == 0
            || !fields[0].All(char.IsAsciiLetter)
            || !Enum.TryParse<InstrumentKind>(fields[0], ignoreCase: true, out var kind))
        {
            throw Bad(path, number, $"'{fields[0]}' is not a valid kind. Use {s_kinds}");
        }
        if (fields[1].Length == 0 || fields[2].Length == 0)
            throw Bad(path, number, "the code or the name is missing");
        var instrument = new Instrument(kind, fields[1], fields[2], width > 3 && fields[3].Length > 0 ? fields[3] : null);
        return instrument.HasKey ? instrument : throw Bad(path, number, $"'{fields[1]}' is not a valid code of kind {fields[0]}");
    }

    // As in RFC 4180, except that a field cannot span lines.
    private static List<string>? Split(string line)
    {
        var fields = new List<string>();
        for (var at = 0; at <= line.Length; at++)
        {
            if (at == line.Length || line[at] != '"')
            {
                var end = line.IndexOf(',', at) is >= 0 and var comma ? comma : line.Length;
                if (line.AsSpan(at, end - at).Contains('"'))
                    return null;
                fields.Add(line[at..end].Trim());
                at = end;
                continue;
            }

            var field = new StringBuilder();
            while (true)
            {
                var end = line.IndexOf('"', ++at);
                if (end < 0)
                    return null;
                field.Append(line, at, end - at);
                at = end + 1;
                if (at == line.Length || line[at] != '"')
                    break;
                field.Append('"');
            }

            if (at < line.Length && line[at] != ',')
                return null;
            fields.Add(field.ToString().Trim());
        }

        return fields;
    }

    private static KisFeedConfigurationException Bad(string path, int line, string problem) => new(Message(path, line, problem));

    private static string Message(string path, int line, string problem) => $"{path}, line {line}: {problem}";
}
