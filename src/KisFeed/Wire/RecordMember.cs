using System.Collections.Immutable;
using System.Text.Json;

namespace KisFeed.Wire;

/// <summary>A column that stands alone, or a group of columns.</summary>
/// <param name="JsonName">The English name of the column or group in JSON form.</param>
/// <param name="Column">The index of the column that stands alone; -1 for a group.</param>
/// <param name="IsArray">Whether the group has several members.</param>
/// <param name="Items">For each member of the group, the indexes of its columns and the JSON names of their fields.</param>
internal sealed record RecordMember(
    string JsonName, int Column, bool IsArray, ImmutableArray<ImmutableArray<(int Column, string JsonName)>> Items)
{
    /// <summary>Gathers columns that are present, each group at the place of its first column.</summary>
    public static ImmutableArray<RecordMember> AllOf(ImmutableArray<Column> columns, ImmutableArray<int> present)
    {
        var members = ImmutableArray.CreateBuilder<RecordMember>();
        var groups = present.Where(i => columns[i].Group is not null).ToLookup(i => columns[i].Group!, StringComparer.Ordinal);
        foreach (var i in present)
        {
            var column = columns[i];
            if (column.Group is not { } group)
            {
                members.Add(new RecordMember(column.JsonName, i, IsArray: false, []));
                continue;
            }

            if (groups[group].First() != i)
                continue;
            var items = groups[group].GroupBy(c => columns[c].GroupIndex).OrderBy(item => item.Key)
                .Select(item => item.Select(c => (c, Camel(columns[c].Field!))).ToImmutableArray());
            members.Add(new RecordMember(Camel(group), -1, column.GroupIndex >= 0, [.. items]));
        }

        return members.ToImmutable();

        static string Camel(string name) => JsonNamingPolicy.CamelCase.ConvertName(name);
    }
}
