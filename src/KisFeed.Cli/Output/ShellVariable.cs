namespace KisFeed.Cli.Output;

/// <summary>How a variable is set in the shell that people have.</summary>
internal static class ShellVariable
{
    /// <summary>The line to type. A value with blanks is to be quoted already.</summary>
    public static string Line(string name, string value) =>
        OperatingSystem.IsWindows() ? $"$env:{name} = '{value.Trim('\'')}'" : $"export {name}={value}";
}
