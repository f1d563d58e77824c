using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace KisFeed.Hosting.Configuration;

/// <summary>
/// The texts of a file in the form of the official samples' <c>kis_devlp.yaml</c>: names and values, a pair a line. Read by events, so that nothing
/// is made from types that the file names, and no value of it ever gets into a message.
/// </summary>
internal sealed class OfficialFile
{
    private readonly Dictionary<string, string> _texts = new(StringComparer.Ordinal);
    private readonly string[] _wanted;
    private readonly string _name;

    private OfficialFile(string name, string[] wanted) => (_name, _wanted) = (name, wanted);

    /// <summary>Reads certain values of a file; whatever else is in it, account numbers for one, is passed over.</summary>
    /// <param name="reader">The file's text.</param>
    /// <param name="name">What messages call the file.</param>
    /// <param name="wanted">The names of the values.</param>
    /// <exception cref="KisFeedConfigurationException">The text is not of the form; the message says at which line.</exception>
    public static OfficialFile Parse(TextReader reader, string name, params string[] wanted)
    {
        var file = new OfficialFile(name, wanted);
        try
        {
            file.Read(new Parser(reader));
        }
        catch (YamlException e)
        {
            throw file.Error(e.Start.Line, "this is no YAML");
        }

        return file;
    }

    /// <summary>The value; empty where there is none.</summary>
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
                    // An empty document.
                    break;
                case NodeEvent other:
                    throw Error(other.Start.Line, "this is no pair of a name and a value");
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
                Take(name, start, parser.Current as Scalar);
            Skip(parser);
        }
    }

    private void Take(string name, long line, Scalar? value)
    {
        if (value is null)
            throw Error(line, $"{name} has no text for a value");
        var isNull = value.Style == ScalarStyle.Plain && value.Value is "" or "~" or "null" or "Null" or "NULL";
        if (!_texts.TryAdd(name, isNull ? "" : value.Value.Trim()))
            throw Error(line, $"{name} is there a second time");
    }

    // Passes over the node that begins at the current event, down to its end.
    private static void Skip(Parser parser)
    {
        var depth = 0;
        do
            depth += parser.Current!.NestingIncrease;
        while (depth > 0 && parser.MoveNext());
    }

    private KisFeedConfigurationException Error(long line, string problem) =>
        new($"{_name}, line {line.ToString(CultureInfo.InvariantCulture)}: {problem}. Expected are lines such as my_app: \"the app key\", each name once, as in kis_devlp.yaml of the official samples.");
}

/// <summary>Where the file in the form of the official samples is.</summary>
/// <param name="Path">Its path.</param>
/// <param name="Name">The same for people: the home is <c>~</c>.</param>
/// <param name="NamedBy">Who named it, for whom it must exist; <see langword="null"/> for the usual place.</param>
internal sealed record OfficialFilePlace(string Path, string Name, string? NamedBy)
{
    private const string Nowhere = "none";

    /// <summary>The place, or none.</summary>
    public static OfficialFilePlace? Find(KisFeedSources sources)
    {
        if (!string.IsNullOrWhiteSpace(sources.File))
            return new OfficialFilePlace(sources.File, Shorten(sources.File, sources.HomeFolder), $"{nameof(KisFeedSources)}.{nameof(KisFeedSources.File)}");
        if (sources.Variable(KisFeedVariables.File) is { } named && !string.IsNullOrWhiteSpace(named))
            return named == Nowhere ? null : new OfficialFilePlace(named, Shorten(named, sources.HomeFolder), KisFeedVariables.File);
        if (string.IsNullOrWhiteSpace(sources.HomeFolder))
            return null;
        var usual = System.IO.Path.Combine(sources.HomeFolder, "KIS", "config", "kis_devlp.yaml");
        return new OfficialFilePlace(usual, Shorten(usual, sources.HomeFolder), null);
    }

    private static string Shorten(string path, string? home) =>
        !string.IsNullOrWhiteSpace(home) && path.StartsWith(home + System.IO.Path.DirectorySeparatorChar, StringComparison.Ordinal)
            ? "~" + path[home.Length..].Replace('\\', '/')
            : path;
}
