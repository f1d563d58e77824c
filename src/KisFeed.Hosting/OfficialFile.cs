using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace KisFeed.Hosting;

/// <summary>
/// The texts of a file in the format of the official samples' <c>kis_devlp.yaml</c>: one name and value per line. It is parsed as events,
/// so that types named in the file are never created, and no value appears in a message.
/// </summary>
internal sealed class OfficialFile
{
    private readonly Dictionary<string, string> _texts = new(StringComparer.Ordinal);
    private readonly string[] _wanted;
    private readonly string _name;

    private OfficialFile(string name, string[] names) => (_name, _wanted) = (name, names);

    /// <summary>Reads the requested values of a file and skips everything else, such as account numbers.</summary>
    /// <param name="reader">The file's text.</param>
    /// <param name="name">The name of the file in messages.</param>
    /// <param name="names">The names of the requested values.</param>
    /// <exception cref="KisFeedConfigurationException">The text is not in the expected format; the message states the line.</exception>
    public static OfficialFile Parse(TextReader reader, string name, params string[] names)
    {
        var file = new OfficialFile(name, names);
        try
        {
            file.Read(new Parser(reader));
        }
        catch (YamlException e)
        {
            throw file.Error(e.Start.Line, "this is not valid YAML");
        }

        return file;
    }

    /// <summary>The value; empty if there is none.</summary>
    public string Text(string name) => _texts.GetValueOrDefault(name, "");

    private void Read(Parser parser)
    {
        var hasContent = false;
        while (parser.MoveNext())
        {
            switch (parser.Current)
            {
                case MappingStart when !hasContent:
                    hasContent = true;
                    ReadPairs(parser);
                    break;
                case Scalar { Value.Length: 0, IsPlainImplicit: true } when !hasContent:
                    // The document is empty.
                    break;
                case NodeEvent other:
                    throw Error(other.Start.Line, "this is not a name with a value");
            }
        }
    }

    private void ReadPairs(Parser parser)
    {
        while (parser.MoveNext() && parser.Current is not MappingEnd)
        {
            var name = (parser.Current as Scalar)?.Value;
            var start = parser.Current!.Start.Line;
            Skip(parser);
            parser.MoveNext();
            if (name is not null && _wanted.Contains(name, StringComparer.Ordinal))
                AddValue(name, start, parser.Current as Scalar);
            Skip(parser);
        }
    }

    private void AddValue(string name, long line, Scalar? value)
    {
        if (value is null)
            throw Error(line, $"the value of {name} is not a text");
        var isNull = value.Style == ScalarStyle.Plain && value.Value is "" or "~" or "null" or "Null" or "NULL";
        if (!_texts.TryAdd(name, isNull ? "" : value.Value.Trim()))
            throw Error(line, $"{name} appears twice");
    }

    // Skips the node that begins at the current event.
    private static void Skip(Parser parser)
    {
        var depth = 0;
        do
            depth += parser.Current!.NestingIncrease;
        while (depth > 0 && parser.MoveNext());
    }

    private KisFeedConfigurationException Error(long line, string problem) =>
        new($"{_name}, line {line.ToString(CultureInfo.InvariantCulture)}: {problem}. Write lines such as my_app: \"the app key\", "
            + "each name once, as in kis_devlp.yaml of the official samples.");
}
