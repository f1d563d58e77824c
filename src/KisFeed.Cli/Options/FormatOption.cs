namespace KisFeed.Cli.Options;

/// <summary><c>--format</c>: the format of what a command writes. The first one is the default.</summary>
/// <typeparam name="TContext">What the formats need.</typeparam>
/// <typeparam name="T">What is written.</typeparam>
internal class FormatOption<TContext, T> : Option<string>
    where T : allows ref struct
{
    private readonly Dictionary<string, Func<TContext, Output<T>>> _formats;

    /// <summary>Creates the option.</summary>
    public FormatOption(string description, params (string Name, Func<TContext, Output<T>> Open)[] formats)
        : base("--format")
    {
        Description = description;
        HelpName = string.Join('|', formats.Select(format => format.Name));
        DefaultValueFactory = _ => formats[0].Name;
        _formats = formats.ToDictionary(format => format.Name, format => format.Open, StringComparer.OrdinalIgnoreCase);
        this.AcceptOnlyFromAmong([.. _formats.Keys]);
    }

    /// <summary>Opens the output in the given format.</summary>
    public Output<T> Open(ParseResult arguments, TContext context) => _formats[arguments.GetRequiredValue<string>(Name)](context);
}

/// <summary><c>--format</c> of a command that needs only its host to write.</summary>
internal class FormatOption<T>(string description, params (string Name, Func<CommandHost, Output<T>> Open)[] formats)
    : FormatOption<CommandHost, T>(description, formats)
{
    /// <summary>Writes items in the given format.</summary>
    public async Task WriteAsync(CommandHost host, ParseResult arguments, IEnumerable<T> items, CancellationToken cancellationToken)
    {
        await using var output = Open(arguments, host);
        foreach (var item in items)
            output.Write(item);
        await output.FlushAsync(cancellationToken);
    }
}

/// <summary>A guide for people, or one line of JSON for programs.</summary>
internal static class TextOrJson
{
    /// <summary>Creates the option.</summary>
    public static FormatOption<T> Create<T>(string description, Action<TextWriter, T> text, JsonMembers<T> members) =>
        new(
            description,
            ("text", host => new PlainOutput<T>(host.Output, text)),
            ("json", host => new JsonOutput<T>(host.Output, members)));
}
