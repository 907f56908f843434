// SPDX-License-Identifier: Apache-2.0
// Floating promises by the compiler's own types: biome's rule does not see through the types of imported packages.
import ts from 'typescript'

export interface Floating {
  readonly file: string
  readonly line: number
  readonly text: string
}

/** Statements that leave a promise to itself: neither awaited, returned, stored, handled by two-armed `then` or `catch`, nor `void`. */
export function floatingPromises(program: ts.Program, includes: (file: string) => boolean): Floating[] {
  const checker = program.getTypeChecker()
  const found: Floating[] = []
  for (const source of program.getSourceFiles()) {
    if (source.isDeclarationFile || !includes(source.fileName)) continue
    const visit = (node: ts.Node): void => {
      if (ts.isExpressionStatement(node) && floats(checker, node.expression)) found.push(whereIs(source, node))
      ts.forEachChild(node, visit)
    }
    visit(source)
  }
  return found
}

function floats(checker: ts.TypeChecker, expression: ts.Expression): boolean {
  if (ts.isParenthesizedExpression(expression)) return floats(checker, expression.expression)
  if (ts.isConditionalExpression(expression)) return floats(checker, expression.whenTrue) || floats(checker, expression.whenFalse)
  if (ts.isBinaryExpression(expression)) return joins(expression) && floats(checker, expression.right)
  if (ts.isCallExpression(expression) && handled(expression)) return false
  return ts.isCallExpression(expression) && isPromise(checker, checker.getTypeAtLocation(expression))
}

/** `a && b()`, `a ?? b()`, `a, b()`: the right side's value is the statement's. An assignment keeps it. */
function joins({ operatorToken }: ts.BinaryExpression): boolean {
  const { AmpersandAmpersandToken, BarBarToken, QuestionQuestionToken, CommaToken } = ts.SyntaxKind
  return [AmpersandAmpersandToken, BarBarToken, QuestionQuestionToken, CommaToken].includes(operatorToken.kind as never)
}

/** A tap test's parts are waited for by the test itself. */
function handled({ expression, arguments: given }: ts.CallExpression): boolean {
  if (!ts.isPropertyAccessExpression(expression)) return false
  const method = expression.name.text
  return (
    (method === 'then' && given.length === 2) ||
    (method === 'catch' && given.length === 1) ||
    (method === 'test' && given.length > 1)
  )
}

/** A thenable without `catch`, as Fastify's reply is one, is not left to itself: its framework waits for it. */
function isPromise(checker: ts.TypeChecker, type: ts.Type): boolean {
  if (type.isUnion()) return type.types.some((part) => isPromise(checker, part))
  return ['then', 'catch'].every((method) => checker.getPropertyOfType(type, method) !== undefined)
}

function whereIs(source: ts.SourceFile, node: ts.Node): Floating {
  const { line } = source.getLineAndCharacterOfPosition(node.getStart(source))
  return { file: source.fileName, line: line + 1, text: node.getText(source).split('\n')[0] ?? '' }
}
