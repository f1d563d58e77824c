using System.CommandLine.Parsing;

namespace KisFeed.Cli.Options;

/// <summary>Parses the text of an option.</summary>
internal delegate bool TextParser<T>(string text, out T value);

/// <summary>Options whose text is parsed by a function, and rejected with a sentence of their own.</summary>
internal static class ParsedOption
{
    /// <summary>Creates an option without a default.</summary>
    /// <param name="name">The name of the option.</param>
    /// <param name="helpName">The form of the value, for the help.</param>
    /// <param name="description">What the option is for.</param>
    /// <param name="parse">Parses the text.</param>
    /// <param name="problem">Says what is wrong with a text, and what to write instead.</param>
    public static Option<T?> Create<T>(string name, string helpName, string description, TextParser<T> parse, Func<string, string> problem)
        where T : struct => new(name)
        {
            Description = description,
            HelpName = helpName,
            CustomParser = result => TryParse(result, parse, problem, out var value) ? value : null,
        };

    /// <summary>Creates an option with a default.</summary>
    public static Option<T> WithDefault<T>(string name, string helpName, string description, T preset, TextParser<T> parse, Func<string, string> problem)
        where T : struct => new(name)
        {
            Description = description,
            HelpName = helpName,
            DefaultValueFactory = _ => preset,
            CustomParser = result => TryParse(result, parse, problem, out var value) ? value : default,
        };

    /// <summary>Parses a whole number above 0.</summary>
    public static bool TryParseCount(string text, out int count) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out count) && count > 0;

    /// <summary>Parses a number above 0.</summary>
    public static bool TryParseNumber(string text, out double number) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out number) && number > 0 && double.IsFinite(number);

    private static bool TryParse<T>(ArgumentResult result, TextParser<T> parse, Func<string, string> problem, out T value)
    {
        var text = result.Tokens[0].Value;
        if (parse(text, out value))
            return true;
        result.AddError(problem(text));
        return false;
    }
}

/// <summary>The options of a command, and what they require of each other.</summary>
internal static class CommandOptions
{
    /// <summary>Adds arguments and options.</summary>
    public static void AddAll(this Command command, params ReadOnlySpan<Symbol> symbols)
    {
        foreach (var symbol in symbols)
        {
            if (symbol is Argument argument)
                command.Add(argument);
            else
                command.Add((Option)symbol);
        }
    }

    /// <summary>Parses the value of an option, which is named in an error.</summary>
    public static T Read<T>(this Option? option, Func<T> parse)
    {
        try
        {
            return parse();
        }
        catch (CommandException e) when (option is not null)
        {
            throw new CommandException($"{option.Name}: {e.Message}", e);
        }
    }

    /// <summary>Whether the command line has the option.</summary>
    public static bool IsGiven(this ParseResult arguments, Option option) => arguments.GetResult(option) is { Implicit: false };

    /// <summary>Whether the command line has the option.</summary>
    public static bool IsGiven(this SymbolResult result, Option option) => result.GetResult(option) is { Implicit: false };

    /// <summary>Rejects options that are given without any of others.</summary>
    public static void Require(this Command command, Option[] options, Option[] others, string why = "") => command.Validators.Add(result =>
    {
        if (!others.Any(result.IsOn) && options.FirstOrDefault(result.IsOn) is { } alone)
            result.AddError($"{alone.Name} needs {string.Join(" or ", others.Select(other => other.Name))}{why}.");
    });

    /// <summary>Rejects two options that are given together.</summary>
    public static void Exclude(this Command command, Option first, Option second, string why = "") => command.Validators.Add(result =>
    {
        if (result.IsOn(first) && result.IsOn(second))
            result.AddError($"{first.Name} and {second.Name} cannot be used together{why}.");
    });

    // A switch may be given as off: --live false.
    private static bool IsOn(this SymbolResult result, Option option) => result.IsGiven(option) && (option is not Option<bool> given || result.GetValue(given));
}
