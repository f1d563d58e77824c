using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace KisFeed.Hosting;

/// <summary>Sets values in the text of a file in the format of <see cref="OfficialFile"/>. Everything else in it stays as it is.</summary>
internal static class OfficialFileText
{
    /// <summary>Returns the text with these values, as quoted texts: in place of values of the same name, otherwise at its end.</summary>
    /// <param name="text">The text, which may be empty.</param>
    /// <param name="file">The name of the file in messages.</param>
    /// <param name="values">The values, without control characters.</param>
    /// <exception cref="KisFeedConfigurationException">The text is not in the expected format.</exception>
    public static string Set(string text, string file, IReadOnlyList<(string Name, string Value)> values)
    {
        var newLine = text.Contains("\r\n", StringComparison.Ordinal) ? "\r\n" : "\n";
        string[] names = [.. values.Select(value => value.Name)];
        // Also reports what is wrong with the text.
        OfficialFile.Parse(new StringReader(text), file, names);
        var places = PlacesOf(text, names);
        var changed = text;
        foreach (var (name, place) in places.OrderByDescending(place => place.Value.Start))
        {
            var value = Quote(values.First(value => value.Name == name).Value);
            var separator = place.Start == 0 || char.IsWhiteSpace(text[place.Start - 1]) ? "" : " ";
            changed = $"{changed[..place.Start]}{separator}{value}{changed[place.End..]}";
        }

        if (changed.Length > 0 && changed[^1] != '\n')
            changed += newLine;
        foreach (var (name, value) in values.Where(value => !places.ContainsKey(value.Name)))
            changed += $"{name}: {Quote(value)}{newLine}";
        return IsSet(changed, file, values)
            ? changed
            : throw new KisFeedConfigurationException($"{file} is not one name and value per line, so values cannot be set in it. Write "
                + "lines such as my_app: \"the app key\", as in kis_devlp.yaml of the official samples.");
    }

    private static Dictionary<string, (int Start, int End)> PlacesOf(string text, string[] names)
    {
        var places = new Dictionary<string, (int Start, int End)>(StringComparer.Ordinal);
        var parser = new Parser(new StringReader(text));
        var depth = 0;
        string? name = null;
        while (parser.MoveNext())
        {
            // The mapping of the document is at depth 3: stream, document, mapping.
            if (depth == 3 && parser.Current is Scalar scalar)
            {
                if (name is null)
                {
                    name = scalar.Value;
                }
                else
                {
                    if (names.Contains(name, StringComparer.Ordinal))
                        places.Add(name, ((int)scalar.Start.Index, (int)scalar.End.Index));
                    name = null;
                }
            }
            else if (depth == 3 && parser.Current is NodeEvent)
            {
                // A value that is not a text, or a name that is not one.
                name = name is null ? "" : null;
            }

            depth += parser.Current!.NestingIncrease;
        }

        return places;
    }

    private static bool IsSet(string text, string file, IReadOnlyList<(string Name, string Value)> values)
    {
        try
        {
            var read = OfficialFile.Parse(new StringReader(text), file, [.. values.Select(value => value.Name)]);
            return values.All(value => read.Text(value.Name) == value.Value);
        }
        catch (KisFeedConfigurationException)
        {
            return false;
        }
    }

    private static string Quote(string value) =>
        $"\"{value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
