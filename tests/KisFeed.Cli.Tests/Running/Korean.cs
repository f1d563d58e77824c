using System.CommandLine;

namespace KisFeed.Cli.Tests.Running;

/// <summary>The command for a Korean user.</summary>
internal static class Korean
{
    public static IReadOnlyDictionary<string, string> Variables { get; } =
        new Dictionary<string, string>(StringComparer.Ordinal) { [Language.Variable] = "ko" };

    /// <summary>Runs the command, with further environment variables.</summary>
    public static Task<CommandRun> RunAsync(IReadOnlyDictionary<string, string> variables, params string[] arguments) =>
        CommandRun.WithVariablesAsync(
            variables.Concat(Variables).ToDictionary(variable => variable.Key, variable => variable.Value, StringComparer.Ordinal),
            arguments);

    public static Task<CommandRun> RunAsync(params string[] arguments) => CommandRun.WithVariablesAsync(Variables, arguments);

    /// <summary>Whether a text has a Korean letter.</summary>
    public static bool IsIn(string? text) => text?.Any(c => c is >= '가' and <= '힣') ?? false;

    /// <summary>Creates the root command in a language.</summary>
    public static Command CommandIn(CultureInfo language, Func<Command, Command>? prepare = null)
    {
        var before = CultureInfo.CurrentUICulture;
        try
        {
            CultureInfo.CurrentUICulture = language;
            var root = CommandLine.Create(new CommandHost { Input = Stream.Null, Output = Stream.Null, Error = TextWriter.Null });
            return prepare?.Invoke(root) ?? root;
        }
        finally
        {
            CultureInfo.CurrentUICulture = before;
        }
    }
}
