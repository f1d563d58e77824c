using System.Collections.Frozen;

namespace KisFeed.Cli.Output;

/// <summary>Names for PostgreSQL, unquoted wherever possible: a quoted name must be quoted in every query.</summary>
internal static class SqlNames
{
    // Words that need quotes as a column name in any version from 12 to 18.
    private static readonly FrozenSet<string> s_reserved = (
        "all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate collation column "
            + "concurrently constraint create cross "
        + "current_catalog current_date current_role current_schema current_time current_timestamp current_user default deferrable desc "
        + "distinct do else end except "
        + "false fetch for foreign freeze from full grant group having ilike in initially inner intersect into is isnull join lateral "
        + "leading left like limit localtime "
        + "localtimestamp natural not notnull null offset on only or order outer overlaps placing primary references returning right "
        + "select session_user similar some "
        + "symmetric system_user table tablesample then to trailing true union unique user using variadic verbose when where window with")
        .Split(' ').ToFrozenSet(StringComparer.Ordinal);

    /// <summary>
    /// Returns the name, quoted if it is reserved or has characters other than lower-case letters, digits and underscores.
    /// </summary>
    public static string Quote(string name)
    {
        var isPlain = name.Length > 0
            && !char.IsAsciiDigit(name[0])
            && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_')
            && !s_reserved.Contains(name);
        return isPlain ? name : $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }

    /// <summary>Returns the name, quoted if necessary, with a number appended if another column has it already.</summary>
    public static string Unique(string name, HashSet<string> taken)
    {
        var unique = name;
        for (var i = 2; !taken.Add(unique); i++)
            unique = $"{name}_{i}";
        return Quote(unique);
    }
}
