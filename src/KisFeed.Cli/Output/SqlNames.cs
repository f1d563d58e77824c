using System.Collections.Frozen;

namespace KisFeed.Cli.Output;

/// <summary>Names as PostgreSQL takes them: without quotes wherever it can be, since who has to quote a name once has to for ever.</summary>
internal static class SqlNames
{
    // What cannot name a column without quotes in any version from 12 to 18.
    private static readonly FrozenSet<string> s_reserved = (
        "all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate collation column concurrently constraint create cross "
        + "current_catalog current_date current_role current_schema current_time current_timestamp current_user default deferrable desc distinct do else end except "
        + "false fetch for foreign freeze from full grant group having ilike in initially inner intersect into is isnull join lateral leading left like limit localtime "
        + "localtimestamp natural not notnull null offset on only or order outer overlaps placing primary references returning right select session_user similar some "
        + "symmetric system_user table tablesample then to trailing true union unique user using variadic verbose when where window with")
        .Split(' ').ToFrozenSet(StringComparer.Ordinal);

    /// <summary>The name, in quotes where it is not made of small letters, digits and underscores or means something else.</summary>
    public static string Quote(string name)
    {
        var isPlain = name.Length > 0 && !char.IsAsciiDigit(name[0]) && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_') && !s_reserved.Contains(name);
        return isPlain ? name : $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }

    /// <summary>The name, quoted where it must be, with a number where another column has it already.</summary>
    public static string Unique(string name, HashSet<string> taken)
    {
        var unique = name;
        for (var i = 2; !taken.Add(unique); i++)
            unique = $"{name}_{i}";
        return Quote(unique);
    }
}
