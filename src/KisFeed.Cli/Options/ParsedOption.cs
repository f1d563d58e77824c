using System.CommandLine.Parsing;
using System.Numerics;

namespace KisFeed.Cli.Options;

/// <summary>Parses the text of an option.</summary>
internal delegate bool TextParser<T>(string text, out T value);

/// <summary>Options whose text is parsed by a function, and rejected with a sentence of their own.</summary>
internal static class ParsedOption
{
    /// <summary>Creates an option without a default.</summary>
    public static Option<T?> Create<T>(string name, string helpName, string description, TextParser<T> parse, Func<string, string> problem)
        where T : struct => new(name)
        {
            Description = description,
            HelpName = helpName,
            CustomParser = result => TryParse(result, parse, problem, out var value) ? value : null,
        };

    /// <summary>Creates an option with a default.</summary>
    public static Option<T> WithDefault<T>(
        string name, string helpName, string description, T preset, TextParser<T> parse, Func<string, string> problem)
        where T : struct => new(name)
        {
            Description = description,
            HelpName = helpName,
            DefaultValueFactory = _ => preset,
            CustomParser = result => TryParse(result, parse, problem, out var value) ? value : default,
        };

    /// <summary>Parses a whole number above 0.</summary>
    public static bool TryParseCount<T>(string text, out T count)
        where T : struct, INumber<T> => T.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out count) && count > T.Zero;

    /// <summary>Parses a number above 0.</summary>
    public static bool TryParseNumber(string text, out double number) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out number)
        && number > 0
        && double.IsFinite(number);

    private static bool TryParse<T>(ArgumentResult result, TextParser<T> parse, Func<string, string> problem, out T value)
    {
        var text = result.Tokens[0].Value;
        if (parse(text, out value))
            return true;
        result.AddError(problem(text));
        return false;
    }
}
