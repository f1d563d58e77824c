using System.CommandLine.Parsing;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace KisFeed.Cli.Options;

/// <summary><c>--config</c>: a file with options of a command.</summary>
internal sealed class ConfigurationFileOption() : ValueOption<string?>("--config", "FILE",
    "Read options from this file, YAML or JSON: their names without dashes, e.g. port: 21000, keep: [index:0001, index:1001] or live: "
        + "true. An option of the command line takes precedence.");

/// <summary>The options of a configuration file. It is read as text, so that types named in the file are never created.</summary>
internal sealed class ConfigurationFile(string path, Command command)
{
    private const int MinTelling = 4; // characters of a value that tell it from others

    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    /// <summary>Reads the file that a command line names; <see langword="null"/> if it names none.</summary>
    public static ConfigurationFile? Of(ParseResult arguments)
    {
        var command = arguments.CommandResult.Command;
        if (command.Options.OfType<ConfigurationFileOption>().FirstOrDefault() is not { } option
            || arguments.GetResult(option)?.Tokens is not [var path])
        {
            return null;
        }
        var file = new ConfigurationFile(path.Value, command);
        file.Read();
        return file;
    }

    /// <summary>Returns the command line with the options of the file that it does not have.</summary>
    public string[] AddTo(string[] arguments, ParseResult given) =>
        [.. arguments, .. _entries.Values.Where(entry => !given.IsGiven(entry.Option)).SelectMany(entry => entry.Arguments)];

    /// <summary>Describes an error of the command line, with the place in the file if the file is the cause.</summary>
    public string Describe(ParseError error) => Describe(error.Message, SymbolOf(error.SymbolResult));

    /// <summary>Describes an error, with the place in the file if the error names an option or a value of the file.</summary>
    public string Describe(string message, Symbol? symbol = null)
    {
        if (symbol is not null)
            return Describe(message, _entries.Values.FirstOrDefault(entry => entry.Option == symbol));
        var quoted = message.Split('\'').Where((text, i) => i % 2 == 1 && text.Length >= MinTelling).ToList();
        return Describe(message, _entries.Values.FirstOrDefault(entry => IsNamed(message, entry.Option.Name))
            ?? _entries.Values.FirstOrDefault(entry => entry.Values.Any(
                value => IsIn(message, value) || quoted.Any(text => value.Contains(text, StringComparison.Ordinal)))));
    }

    private string Describe(string message, Entry? cause) =>
        cause is null ? message : $"{path}, line {cause.Line}, {cause.Key}: {message}";

    // Not --keep in --keep-days.
    private static bool IsNamed(string message, string option)
    {
        foreach (var match in Regex.EnumerateMatches(message, "--[a-z-]+", RegexOptions.None, TimeSpan.FromSeconds(1)))
        {
            if (message.AsSpan(match.Index, match.Length).SequenceEqual(option))
                return true;
        }

        return false;
    }

    private static bool IsIn(string message, string value) =>
        value.Length >= MinTelling && message.Contains(value, StringComparison.Ordinal);

    private static Option? SymbolOf(SymbolResult? result) => result switch
    {
        OptionResult option => option.Option,
        ArgumentResult { Parent: OptionResult option } => option.Option,
        _ => null,
    };

    private void Read()
    {
        var yaml = new YamlStream();
        try
        {
            using var text = new StreamReader(path);
            yaml.Load(text);
        }
        catch (YamlException e)
        {
            throw Bad(
                e.Start.Line, "this is not valid YAML or JSON, or a name appears twice: write one option per line, e.g. port: 21000", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"--config: {path} cannot be read: {e.Message}", e);
        }

        if (yaml.Documents is not [{ RootNode: var root }, ..] || root is YamlScalarNode { Value: null or "" })
            return;
        if (root is not YamlMappingNode options)
            throw Bad(root.Start.Line, "this is not an option with a value: write one option per line, e.g. port: 21000");
        foreach (var (name, value) in options)
            Add((name as YamlScalarNode)?.Value ?? "", name.Start.Line, value);
    }

    private void Add(string key, long line, YamlNode value)
    {
        var option = command.Options.FirstOrDefault(option => option.Name == $"--{key}");
        if (option is null or ConfigurationFileOption || option.Action is not null)
        {
            throw Bad(line, $"'{key}' is not an option for a configuration file: 'kisfeed {command.Name} --help-all' lists the "
                + "options; leave out their dashes");
        }
        string[] values = value switch
        {
            YamlScalarNode scalar => IsNull(scalar) ? [] : [scalar.Value!],
            YamlSequenceNode list when list.All(item => item is YamlScalarNode scalar && !IsNull(scalar)) =>
                [.. list.Select(item => ((YamlScalarNode)item).Value!)],
            _ => throw Bad(line, $"the value of {key} is not a text or a list of texts"),
        };
        if (option is Option<bool> && values is not ["true" or "false"])
            throw Bad(line, $"'{string.Join(", ", values)}' is not a valid value of {key}. Use true or false");
        if (values.Length > option.Arity.MaximumNumberOfValues)
            throw Bad(line, $"{key} has {values.Length} values: give one");
        if (values.Length < option.Arity.MinimumNumberOfValues)
            throw Bad(line, $"{key} has no value: give one, or leave {key} out");
        _entries.Add(key, new Entry(key, line, option, values));
    }

    private static bool IsNull(YamlScalarNode scalar) => scalar is { Style: ScalarStyle.Plain, Value: null or "" or "~" or "null" };

    private CommandException Bad(long line, string problem, Exception? cause = null) => new($"{path}, line {line}: {problem}", cause);

    private sealed record Entry(string Key, long Line, Option Option, string[] Values)
    {
        /// <summary>
        /// The option as on a command line: a switch, or an option without a value, is its name alone; a switch that is off is left out.
        /// </summary>
        public IEnumerable<string> Arguments => (Option, Values) switch
        {
            (Option<bool>, ["false"]) => [],
            (Option<bool>, _) or (_, []) => [Option.Name],
            _ => Values.Select(value => $"{Option.Name}={value}"),
        };
    }
}
