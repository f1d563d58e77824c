using System.CommandLine.Parsing;

namespace KisFeed.Cli.Options;

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
    public static T Parse<T>(this Option? option, Func<T> parse)
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
        {
            result.AddError(UiText.Of(
                $"{alone.Name} needs {string.Join(" or ", others.Select(other => other.Name))}{why}.",
                $"{alone.Name}: {string.Join(" 또는 ", others.Select(other => other.Name))} 옵션이 필요합니다{why}."));
        }
    });

    /// <summary>Rejects two options that are given together.</summary>
    public static void Exclude(this Command command, Option first, Option second, string why = "") => command.Validators.Add(result =>
    {
        if (result.IsOn(first) && result.IsOn(second))
        {
            result.AddError(UiText.Of(
                $"{first.Name} and {second.Name} cannot be used together{why}.",
                $"{first.Name}, {second.Name}: 함께 쓸 수 없습니다{why}."));
        }
    });

    // A switch may be given as off: --live false.
    private static bool IsOn(this SymbolResult result, Option option) =>
        result.IsGiven(option) && (option is not Option<bool> given || result.GetValue(given));
}
