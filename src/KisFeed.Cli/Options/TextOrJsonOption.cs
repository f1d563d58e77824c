namespace KisFeed.Cli.Options;

/// <summary><c>--format</c> of a command that writes once: text for people, or JSON for programs.</summary>
internal sealed class TextOrJsonOption : Option<string>
{
    public TextOrJsonOption(string description)
        : base("--format")
    {
        Description = description;
        HelpName = "text|json";
        DefaultValueFactory = _ => "text";
        this.AcceptOnlyFromAmong("text", "json");
    }

    /// <summary>The option of a server that prints its addresses when it has started.</summary>
    public static TextOrJsonOption OfAnnouncement() => new(UiText.Of(
        "What to print at the start: a guide, or one line of JSON for scripts.",
        "시작할 때 출력할 것: 안내문, 또는 스크립트를 위한 JSON 한 줄."));

    /// <summary>Whether the command line asks for JSON.</summary>
    public bool IsJson(ParseResult arguments) => arguments.GetValue(this) == "json";

    /// <summary>Writes in the chosen format.</summary>
    public async Task WriteAsync(
        CommandHost host, ParseResult arguments, Action<TextWriter> text, Func<string> json, CancellationToken cancellationToken)
    {
        if (IsJson(arguments))
        {
            await host.WriteAsync(json(), cancellationToken);
            return;
        }

        using var writer = new StringWriter(CultureInfo.InvariantCulture);
        text(writer);
        await host.WriteAsync(writer.ToString(), cancellationToken);
    }
}
