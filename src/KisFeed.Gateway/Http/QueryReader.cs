using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace KisFeed.Gateway.Http;

/// <summary>Reads the values of query parameters, and keeps the first problem with one.</summary>
internal sealed class QueryReader(IQueryCollection query)
{
    public delegate bool Parser<T>(string text, out T value);

    public Problem? Problem { get; set; }

    /// <summary>Reads a value that may be given once; the fallback if it is not given.</summary>
    public T Read<T>(string name, T fallback, Parser<T> tryParse, string expected)
    {
        if (!TryReadText(name, out var text))
            return fallback;
        if (tryParse(text, out var value))
            return value;
        Problem ??= QueryParameters.Unusable(name, expected);
        return fallback;
    }

    /// <summary>Reads a text that may be given once; an empty text if it is not given.</summary>
    public string ReadText(string name) => TryReadText(name, out var text) ? text : "";

    public int ReadNumber(string name, int fallback, int most, string meaning) => Read(
        name,
        fallback,
        (text, out value) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value)
            && value >= 1
            && value <= most
            && text.All(char.IsAsciiDigit),
        string.Create(CultureInfo.InvariantCulture, $"it must be {meaning} from 1 to {most}"));

    /// <summary>Reads one of some words. The first is the default.</summary>
    public T Choose<T>(string name, params (string Word, T Value)[] choices) => Read(
        name,
        choices[0].Value,
        (text, out value) =>
        {
            var index = Array.FindIndex(choices, choice => choice.Word == text);
            value = choices[Math.Max(index, 0)].Value;
            return index >= 0;
        },
        $"it must be {string.Join(", ", choices[..^1].Select(choice => choice.Word))} or {choices[^1].Word}");

    private bool TryReadText(string name, [NotNullWhen(true)] out string? text)
    {
        text = null;
        if (!query.TryGetValue(name, out var values))
            return false;
        if (values is [{ } only])
            text = only;
        else
            Problem ??= QueryParameters.Unusable(name, "it may be given only once");
        return text is not null;
    }
}
