namespace KisFeed.Cli.Options;

/// <summary>The option of a place in recorded data.</summary>
internal static class HistoryStartOption
{
    /// <summary>Creates the option <c>--from</c>.</summary>
    /// <param name="description">What begins there.</param>
    public static Option<HistoryStart?> Create(string description)
    {
        var option = new Option<HistoryStart?>("--from")
        {
            Description = $"{description}: {HistoryStart.Forms}. Live data follow. [only live data]",
            HelpName = "TIME",
        };
        option.CustomParser = result =>
        {
            if (HistoryStart.TryParse(result.Tokens[0].Value, out var start))
                return start;
            result.AddError($"'{result.Tokens[0].Value}' is not valid. Use {HistoryStart.Forms}.");
            return null;
        };
        return option;
    }
}
