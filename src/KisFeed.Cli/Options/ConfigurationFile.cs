using System.CommandLine.Parsing;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace KisFeed.Cli.Options;

/// <summary><c>--config</c>: a file with options of a command.</summary>
internal sealed class ConfigurationFileOption() : ValueOption<string?>("--config", "FILE",
    UiText.Of(
        "Read options from this file, YAML or JSON: their names without dashes, e.g. port: 21000, keep: [index:0001, index:1001] or "
            + "live: true. An option of the command line takes precedence.",
        "옵션을 읽을 파일(YAML 또는 JSON). 이름에서 앞의 --를 빼고 씁니다. 예: port: 21000, keep: [index:0001, index:1001], live: true. 명령행의 옵션이 우선합니다."));

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
    public string Describe(ParseError error) => Describe(LibraryText.OfLines(error.Message), SymbolOf(error.SymbolResult));

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
        cause is null ? message : UiText.Of(
            $"{path}, line {cause.Line}, {cause.Key}: {message}",
            $"{path}, {cause.Line}번째 줄, {cause.Key}: {message}");

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
                e.Start.Line, UiText.Of(
                    "this is not valid YAML or JSON, or a name appears twice: write one option per line, e.g. port: 21000",
                    "올바른 YAML이나 JSON이 아니거나 같은 이름이 두 번 나옵니다. 한 줄에 옵션 하나씩 쓰세요. 예: port: 21000"), e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(UiText.Of(
                $"--config: {path} cannot be read: {e.Message}",
                $"--config: {path} 파일을 읽을 수 없습니다: {e.Message}"), e);
        }

        if (yaml.Documents is not [{ RootNode: var root }, ..] || root is YamlScalarNode { Value: null or "" })
            return;
        if (root is not YamlMappingNode options)
        {
            throw Bad(root.Start.Line, UiText.Of(
                "this is not an option with a value: write one option per line, e.g. port: 21000",
                "옵션과 값이 아닙니다. 한 줄에 옵션 하나씩 쓰세요. 예: port: 21000"));
        }
        foreach (var (name, value) in options)
            Add((name as YamlScalarNode)?.Value ?? "", name.Start.Line, value);
    }

    private void Add(string key, long line, YamlNode value)
    {
        var option = command.Options.FirstOrDefault(option => option.Name == $"--{key}");
        if (option is null or ConfigurationFileOption || option.Action is not null)
        {
            throw Bad(line, UiText.Of(
                $"'{key}' is not an option for a configuration file: 'kisfeed {command.Name} --help-all' lists the options; leave out "
                    + "their dashes",
                $"'{key}': 설정 파일에 쓸 수 있는 옵션이 아닙니다. 옵션 목록은 'kisfeed {command.Name} --help-all'로 보고, 앞의 --는 빼고 쓰세요"));
        }
        string[] values = value switch
        {
            YamlScalarNode scalar => IsNull(scalar) ? [] : [scalar.Value!],
            YamlSequenceNode list when list.All(item => item is YamlScalarNode scalar && !IsNull(scalar)) =>
                [.. list.Select(item => ((YamlScalarNode)item).Value!)],
            _ => throw Bad(line, UiText.Of($"the value of {key} is not a text or a list of texts", $"{key}: 값이 텍스트나 텍스트 목록이 아닙니다")),
        };
        if (option is Option<bool> && values is not ["true" or "false"])
        {
            throw Bad(line, UiText.Of(
                $"'{string.Join(", ", values)}' is not a valid value of {key}. Use true or false",
                $"'{string.Join(", ", values)}': {key}에 쓸 수 있는 값이 아닙니다. true나 false를 쓰세요"));
        }
        if (values.Length > option.Arity.MaximumNumberOfValues)
            throw Bad(line, UiText.Of($"{key} has {values.Length} values: give one", $"{key}: 값이 {values.Length}개입니다. 하나만 쓰세요"));
        if (values.Length < option.Arity.MinimumNumberOfValues)
            throw Bad(line, UiText.Of($"{key} has no value: give one, or leave {key} out", $"{key}: 값이 없습니다. 값을 쓰거나 {key} 줄을 지우세요"));
        _entries.Add(key, new Entry(key, line, option, values));
    }

    private static bool IsNull(YamlScalarNode scalar) => scalar is { Style: ScalarStyle.Plain, Value: null or "" or "~" or "null" };

    private CommandException Bad(long line, string problem, Exception? cause = null) => new(UiText.Of(
        $"{path}, line {line}: {problem}",
        $"{path}, {line}번째 줄: {problem}"), cause);

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
