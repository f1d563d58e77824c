using System.Runtime.InteropServices;

namespace KisFeed.Cli.Hosting;

/// <summary>
/// The languages of help, messages and errors. A command runs with the one of its user as <see cref="CultureInfo.CurrentUICulture"/>.
/// JSON, logs, names of columns and the manual page are always English.
/// </summary>
internal static partial class Language
{
    /// <summary>Chooses the language whatever the locale is: <c>en</c> or <c>ko</c>.</summary>
    public const string Variable = "KISFEED_LANG";

    private const string KoreanName = "ko";
    private const string EnglishName = "en";
    private const int WindowsKorean = 0x12; // LANG_KOREAN
    private const int WindowsPrimary = 0x3FF; // the bits of a LANGID without the country

    // The order of POSIX: the first that is set decides.
    private static readonly string[] s_localeVariables = ["LC_ALL", "LC_MESSAGES", "LANG"];

    public static CultureInfo English => CultureInfo.InvariantCulture;

    public static CultureInfo Korean { get; } = CultureInfo.GetCultureInfo(KoreanName);

    /// <summary>Whether the current language is Korean.</summary>
    public static bool IsKorean => CultureInfo.CurrentUICulture.Name == KoreanName;

    /// <summary>Returns the language of the user of a command.</summary>
    /// <exception cref="CommandException"><see cref="Variable"/> is neither <c>en</c> nor <c>ko</c>.</exception>
    public static CultureInfo Of(CommandHost host)
    {
        switch (host.Variable(Variable))
        {
            case KoreanName:
                return Korean;
            case EnglishName:
                return English;
            case { } other:
                throw new CommandException(UiText.Of(
                    $"{Variable}: '{other}' is not a language of kisfeed: use {EnglishName} or {KoreanName}",
                    $"{Variable}: '{other}': kisfeed에 없는 언어입니다. {EnglishName}이나 {KoreanName}를 쓰세요"));
        }

        var locale = s_localeVariables.Select(host.Variable).FirstOrDefault(value => value is not null);
        return locale is null ? host.SystemLanguage : IsKoreanLocale(locale) ? Korean : English;
    }

    /// <summary>The language of the operating system, for users without a locale in their environment.</summary>
    public static CultureInfo OfSystem() =>
        OperatingSystem.IsWindows() && (GetUserDefaultUILanguage() & WindowsPrimary) == WindowsKorean ? Korean : English;

    // LANGUAGE_COUNTRY.CHARSET@VARIANT. Output is UTF-8, so Korean would not be readable in another character set.
    private static bool IsKoreanLocale(string locale)
    {
        var parts = locale.Split('@')[0].Split('.', 2);
        return parts[0].Split('_', '-')[0] == KoreanName
            && (parts is not [_, var charset]
                || charset.Replace("-", "", StringComparison.Ordinal).Equals("UTF8", StringComparison.OrdinalIgnoreCase));
    }

    // .NET does not read it, because it has no data of cultures here.
    [LibraryImport("kernel32")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial ushort GetUserDefaultUILanguage();
}
