namespace KisFeed.Cli.Hosting;

/// <summary>Texts for people, each beside its Korean.</summary>
internal static class UiText
{
    /// <summary>Returns the text in the language of the user (<see cref="Language"/>). Do not keep it in a static field.</summary>
    public static string Of(string english, string korean) => Language.IsKorean ? korean : english;
}
