using System.Text;

namespace KisFeed.Tests.Feeds;

/// <summary>Reads a row as RFC 4180 says, written against the RFC rather than the writer.</summary>
internal static class CsvRow
{
    public static List<string> Parse(string row)
    {
        var cells = new List<string>();
        var i = 0;
        while (true)
        {
            var cell = new StringBuilder();
            if (i < row.Length && row[i] == '"')
            {
                for (i++; row[i] != '"' || (i + 1 < row.Length && row[i + 1] == '"'); i++)
                {
                    cell.Append(row[i]);
                    if (row[i] == '"')
                        i++;
                }

                i++;
            }
            else
            {
                for (; i < row.Length && row[i] != ','; i++)
                {
                    "\"\r\n".ShouldNotContain(row[i].ToString(), Case.Sensitive, "an unquoted cell");
                    cell.Append(row[i]);
                }
            }

            cells.Add(cell.ToString());
            if (i == row.Length)
                return cells;
            row[i].ShouldBe(',');
            i++;
        }
    }
}
